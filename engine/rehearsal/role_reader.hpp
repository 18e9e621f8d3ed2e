// The map that describes who plays a session: session(#{ client_ip: "192.0.2.7", tls: true, dns: #{ … } }) in a test.
//
//   client_ip    "192.0.2.1"         address of the client
//   client_port  49152
//   listener     "relay"             or "submission", "submissions" (TLS from the first byte)
//   tls          true or a map       facts of the handshake: sni, version, cipher, domain, alpn, resumed, and the
//   client's
//                                    certificate: client: #{ verified: true, subject_cn: "mx.partner.test", sans:
//                                    ["DNS:…"] }, with the keys of ctx::tls().client. STARTTLS is offered then, even if
//                                    no domain has a certificate
//   dns          #{}                 answers: #{ "example.com": #{ a: "192.0.2.5", mx: ["10 mx.example.com"], txt: "…"
//   },
//                                    "192.0.2.7": #{ ptr: "mail.example.net" }, "slow.example": "timeout" }; also aaaa.
//                                    Names that are not here do not exist. "timeout", "servfail" and "bogus" fail.
//   commands     #{}                 exit codes of the programs that cmd services run, by their `command`
//   users        #{}                 names and passwords, instead of the password file
#pragma once

#include <string>

#include "dsl/value/value.hpp"
#include "engine/rehearsal/rehearsed_session.hpp"

namespace sluice::rehearsal {

// What is wrong with the map; empty: `role` is filled.
[[nodiscard]] std::string read_role(const dsl::Value& description, Role& role);
// The value of `tls`: true, or a map of facts over those of an ordinary session.
[[nodiscard]] std::string read_tls(const dsl::Value& description, tls::Facts& facts);

}  // namespace sluice::rehearsal
