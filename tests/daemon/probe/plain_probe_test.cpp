// TCP, TLS and Unix probes, and the certificates that TLS probes look at.
#include <gtest/gtest.h>
#include <sys/un.h>

#include <cmath>

#include "exporters/tls/session.h"
#include "tests/daemon/probe/probe_fixture.h"
#include "tests/exporters/certificates.h"
#include "tests/exporters/http_fixture.h"

namespace vitalsd {
namespace {

using PlainProbe = ProbeFixture;

TEST_F(PlainProbe, AConnectionIsEnoughForTcp) {
  ScriptedServer server([](int fd) { await_end(fd); });
  const auto outcome = probe(record(server.at("tcp")));
  EXPECT_TRUE(outcome.succeeded()) << outcome.detail;
  EXPECT_TRUE(std::isnan(outcome.status));
}

TEST_F(PlainProbe, WaitsForWhatIsExpected) {
  ScriptedServer server([](int fd) {
    send_text(fd, "220 mail.example.org ");
    char c = 0;
    if (::recv(fd, &c, 1, 0) == 1) send_text(fd, "ESMTP\r\n");
    await_end(fd);
  });
  auto wanted = record(server.at("tcp"));
  wanted.texts["expect"] = "^220 .*ESMTP";
  wanted.texts["send"] = "E";
  EXPECT_TRUE(probe(wanted).succeeded());
  wanted.texts["timeout"] = "100ms";
  wanted.texts["expect"] = "^554";
  const auto late = probe(wanted);
  EXPECT_EQ(name_of(late.fault), "timeout") << late.detail;
}

TEST_F(PlainProbe, AnEndlessServerIsMatchedWithinLimits) {
  ScriptedServer server([](int fd) {
    while (send_text(fd, std::string(1000, 'x'))) continue;
  });
  auto wanted = record(server.at("tcp"));
  wanted.texts["expect"] = "y$";
  EXPECT_EQ(name_of(probe(wanted).fault), "expect");
}

TEST_F(PlainProbe, ASilentEndIsNoAnswer) {
  ScriptedServer server([](int) {});
  auto wanted = record(server.at("tcp"));
  wanted.texts["expect"] = "x";
  EXPECT_EQ(name_of(probe(wanted).fault), "closed");
}

TEST_F(PlainProbe, UnixSocketsAreProbed) {
  http::TempDir directory;
  const std::string path = directory / "s";
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  EXPECT_EQ(name_of(probe(record("unix:" + path)).fault), "connect") << "nobody listens";
  ASSERT_EQ(::listen(fd, 8), 0);
  EXPECT_TRUE(probe(record("unix:" + path)).succeeded());
  ::close(fd);
  EXPECT_EQ(name_of(probe(record("unix:" + path + ".none")).fault), "connect");
}

class TlsProbe : public ProbeFixture {
 protected:
  TlsProbe() { certificates_.make("server", 30); }

  // Speaks TLS on a blocking socket by the daemon's own server side.
  std::function<void(int)> serving(std::string answer) {
    tls::ServerOptions options;
    options.certificate = certificates_.text("server.crt");
    options.key = certificates_.text("server.key");
    const auto context = tls::Context::server(options);
    EXPECT_TRUE(context);
    return [context = *context, answer = std::move(answer)](int fd) {
      tls::Session session(context, fd);
      char part[4096];
      std::size_t count = 0;
      if (!answer.empty() && session.read(part, sizeof part, count) != tls::Status::done) return;
      if (answer.empty()) (void)session.shake();
      if (!answer.empty()) (void)session.write(answer.data(), answer.size(), count);
      session.end();
      await_end(fd);
    };
  }
  tls::Certificates certificates_;
};

TEST_F(TlsProbe, ShowsVersionAndExpiryOfTheCertificate) {
  ScriptedServer server(serving("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  auto wanted = record("https://localhost:" + server.port());
  wanted.texts["ca_file"] = certificates_.path("server.crt");
  const auto outcome = probe(wanted);
  ASSERT_TRUE(outcome.succeeded()) << name_of(outcome.fault) << outcome.detail;
  EXPECT_TRUE(outcome.https);
  EXPECT_EQ(outcome.tls_version, "TLS 1.3");
  const double days = (outcome.certificate_expiry - static_cast<double>(std::time(nullptr))) / 86400;
  EXPECT_NEAR(days, 30, 0.5);
  EXPECT_FALSE(std::isnan(outcome.phases[static_cast<std::size_t>(ProbePhase::tls)]));
}

TEST_F(TlsProbe, TrustsNobodyWithoutReason) {
  ScriptedServer server(serving(""));
  const std::string target = "tls://127.0.0.1:" + server.port();
  EXPECT_EQ(name_of(probe(record(target)).fault), "tls") << "self-signed";
  auto wanted = record(target);
  wanted.texts["ca_file"] = certificates_.path("server.crt");
  EXPECT_TRUE(probe(wanted).succeeded()) << "the address is one of the certificate's names";
  wanted.texts["server_name"] = "other.example.org";
  EXPECT_EQ(name_of(probe(wanted).fault), "tls");
  wanted.texts["insecure"] = "true";
  EXPECT_TRUE(probe(wanted).succeeded());
  wanted.texts.erase("insecure");
  wanted.texts["ca_file"] = certificates_.path("none.crt");
  EXPECT_EQ(name_of(probe(wanted).fault), "file");
  wanted.texts["ca_file"] = certificates_.path("server.key");
  EXPECT_EQ(name_of(probe(wanted).fault), "file");
}

TEST_F(TlsProbe, AServerWithoutTlsIsNoTlsServer) {
  ScriptedServer silent([](int fd) { await_end(fd); });
  EXPECT_EQ(name_of(probe(record(silent.at("tls"), "150ms")).fault), "timeout");
  ScriptedServer plain([](int fd) {
    send_text(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
    await_end(fd);
  });
  EXPECT_EQ(name_of(probe(record(plain.at("tls"))).fault), "tls");
}

}  // namespace
}  // namespace vitalsd
