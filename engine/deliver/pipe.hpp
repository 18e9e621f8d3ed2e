// Delivery by programs that take one message on their standard input, "pipe:/usr/bin/procmail -d %u": one run for each
// recipient. The message has LF line ends, with Return-Path and Delivered-To on top. The environment is PATH, LANG,
// SENDER, RECIPIENT, LOCAL_PART, DOMAIN, QUEUE_ID and CLIENT_ADDRESS, and nothing of ours; the working directory is. It
// runs as the user of this process.
// The exit status is one of sysexits.h and means what it means to Postfix's pipe(8); if what the program said begins
// with a status (RFC 3463, "5.2.2 mailbox full"), that counts. A program that was ended by a signal, cannot be run
// (126, 127 too) or does not end in time has not delivered: the message comes back. Nothing tells a second delivery
// from the first. No thread waits for a program; when the server stops, it gets SIGTERM like one that is late.
#pragma once

#include <chrono>
#include <string>

#include "engine/base/limits.hpp"
#include "engine/deliver/local_transport.hpp"
#include "engine/deliver/pipe_command.hpp"
#include "engine/io/program.hpp"

namespace sluice::deliver {

struct PipePatience {
    std::chrono::milliseconds time = limits::pipe_time;
    std::chrono::milliseconds grace = limits::program_grace;
};

class Pipe : public RecipientDelivery {
  public:
    explicit Pipe(PipeCommand command, PipePatience patience = {})
        : command_(std::move(command)), patience_(patience) {}

    [[nodiscard]] asio::awaitable<Outcome> attempt(const Attempt& attempt, io::BlockingPool& pool) override;

    [[nodiscard]] static Outcome outcome_of(const std::string& program, const io::ProgramResult& result,
                                            const PipePatience& patience);
    // One line of at most limits::pipe_diagnostic octets: the end of what a program said.
    [[nodiscard]] static std::string diagnostic(std::string_view output);

  private:
    PipeCommand command_;
    PipePatience patience_;
};

}  // namespace sluice::deliver
