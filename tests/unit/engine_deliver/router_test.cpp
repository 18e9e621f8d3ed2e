#include "engine/deliver/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/dns/fake_resolver.hpp"

namespace sluice::deliver {
namespace {

using ::testing::StartsWith;

class RouterTest : public ::testing::Test {
  protected:
    // Where a recipient goes for whom a rule chose `method`.
    std::string destination(const std::string& method, const std::string& address = "Joe@Ours.test") {
        return router().destination({}, queue::Recipient{.address = address, .transport = method});
    }
    Router router() {
        return {settings_,
                {.resolver = std::make_shared<dns::FakeResolver>(),
                 .pool = pool_,
                 .server_name = "mx.test",
                 .is_ours = [](std::string_view domain) { return domain == "ours.test"; },
                 .is_own_listener = {},
                 .tls = std::make_shared<OutboundTls>(settings_.tls_scopes, false),
                 .tls_memory = std::make_shared<TlsMemory>()}};
    }

    Settings settings_;
    io::BlockingPool pool_{1};
};

TEST_F(RouterTest, WhatNoRuleChoseGoesByTheDomain) {
    settings_.transport = "lmtp:/run/lmtp";
    EXPECT_EQ(destination(""), "lmtp:/run/lmtp");
    EXPECT_EQ(destination("", "postmaster"), "lmtp:/run/lmtp");
    EXPECT_EQ(destination("", "a@Theirs.test"), "deliver theirs.test");
    settings_.remote_transport = "pipe:/bin/cat";
    EXPECT_EQ(destination("", "a@theirs.test"), "pipe:/bin/cat");
}

TEST_F(RouterTest, WhatRulesSay) {
    EXPECT_EQ(destination("deliver"), "deliver ours.test");
    EXPECT_EQ(destination("forward 192.0.2.1"), "forward 192.0.2.1");
    EXPECT_EQ(destination("mbox"), "mbox:/var/mail/%u");
    EXPECT_EQ(destination("maildir"), "maildir:/var/mail/vhosts/%d/%u");
    settings_.transport = "mbox:/srv/%u";
    EXPECT_EQ(destination("mbox"), "mbox:/srv/%u");
    EXPECT_EQ(destination("maildir"), "maildir:/var/mail/vhosts/%d/%u");
    settings_.transport = "maildir:/srv/%u";
    EXPECT_EQ(destination("mbox"), "mbox:/var/mail/%u");
    EXPECT_EQ(destination("maildir"), "maildir:/srv/%u");
}

TEST_F(RouterTest, WhatHasNoProblemHasATransport) {
    for (const std::string text :
         {"deliver", "forward 192.0.2.1", "maildir:/srv/mail/%d/%u", "mbox:/var/mail/%u", "lmtp:127.0.0.1:24",
          "lmtp:[::1]:24", "lmtp:/run/lmtp", "pipe:/usr/bin/procmail -d %u"}) {
        EXPECT_EQ(Router::problem(text), "");
        EXPECT_TRUE(router().transport(text == "deliver" ? "deliver ours.test" : text)) << text;
    }
}

TEST_F(RouterTest, WhatHasAProblemHasNoTransport) {
    for (const std::string text :
         {"", "mbox", "maildir", "mbox:", "mbox:/var/mail", "maildir:x/%u", "lmtp:", "lmtp:localhost", "lmtp:x/y",
          "pipe:", "pipe:cat", "pipe:/bin/cat |", "forward ", "forward a b", "post", "Deliver"}) {
        EXPECT_NE(Router::problem(text), "") << text;
        EXPECT_FALSE(router().transport(text)) << text;
    }
}

TEST_F(RouterTest, NearMissesAreCorrected) {
    EXPECT_EQ(Router::problem("mbox"), "'mbox' is no transport: this one is written mbox:/var/mail/%u");
    EXPECT_EQ(Router::problem("maildir /srv/%u"),
              "'maildir /srv/%u' is no transport: this one is written maildir:/srv/mail/%d/%u");
    EXPECT_EQ(Router::problem("Deliver"), "'Deliver' is no transport: this one is written deliver");
    EXPECT_EQ(Router::problem("forward:host"), "'forward:host' is no transport: this one is written forward TARGET");
    EXPECT_EQ(Router::problem("LMTP:/run/x"),
              "'LMTP:/run/x' is no transport: this one is written lmtp:HOST:PORT or lmtp:/path/of/socket");
    EXPECT_EQ(Router::problem("pipe /bin/cat"),
              "'pipe /bin/cat' is no transport: this one is written pipe:/path/of/program arguments");
    EXPECT_THAT(Router::problem("smtp://host"), StartsWith("'smtp://host' is no transport (there are deliver, "));
}

}  // namespace
}  // namespace sluice::deliver
