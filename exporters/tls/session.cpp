#include "exporters/tls/session.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <new>
#include <system_error>
#include <utility>

#include "exporters/tls/openssl.h"

namespace vitalsd::tls {
namespace {

// A context exists, so the library is loaded.
const OpenSsl& library() { return **openssl(); }

ssl_st* open_on(const Context& context, int fd) {
  library().ERR_clear_error();
  ssl_st* ssl = library().SSL_new(context.get());
  if (ssl == nullptr) throw std::bad_alloc();
  if (library().SSL_set_fd(ssl, fd) != 1) {
    library().SSL_free(ssl);
    throw std::bad_alloc();
  }
  return ssl;
}

// RFC 6066 allows no addresses in the field for the server's name.
bool is_address(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

Session::Session(std::shared_ptr<const Context> context, int fd)
    : context_(std::move(context)), ssl_(open_on(*context_, fd)) {
  library().SSL_set_accept_state(ssl_);
}

Session::Session(std::shared_ptr<const Context> context, int fd, const std::string& host)
    : context_(std::move(context)), ssl_(open_on(*context_, fd)) {
  if (!is_address(host)) {
    library().SSL_ctrl(ssl_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
  }
  library().SSL_set1_host(ssl_, host.c_str());
  library().SSL_set_connect_state(ssl_);
}

Session::~Session() { library().SSL_free(ssl_); }

Status Session::read(void* to, std::size_t size, std::size_t& count) {
  library().ERR_clear_error();
  errno = 0;
  return status_of(library().SSL_read_ex(ssl_, to, size, &count));
}

Status Session::write(const void* from, std::size_t size, std::size_t& count) {
  library().ERR_clear_error();
  errno = 0;
  return status_of(library().SSL_write_ex(ssl_, from, size, &count));
}

Status Session::shake() {
  library().ERR_clear_error();
  errno = 0;
  return status_of(library().SSL_do_handshake(ssl_));
}

PeerFacts Session::peer() const {
  PeerFacts facts;
  if (!is_established()) return facts;
  facts.version = library().SSL_get_version(ssl_);
  const auto* chain = reinterpret_cast<const OPENSSL_STACK*>(library().SSL_get_peer_cert_chain(ssl_));
  const int count = chain == nullptr ? 0 : library().OPENSSL_sk_num(chain);
  for (int i = 0; i < count; ++i) {
    const auto* one = static_cast<const X509*>(library().OPENSSL_sk_value(chain, i));
    std::tm parts{};
    if (library().ASN1_TIME_to_tm(library().X509_get0_notAfter(one), &parts) != 1) continue;
    const std::chrono::sys_seconds end{std::chrono::seconds(::timegm(&parts))};
    facts.expiry = std::min(facts.expiry.value_or(end), end);
  }
  return facts;
}

// The queue may hold several errors: the first is the cause, the others are its consequences.
Status Session::status_of(int result) {
  if (result == 1) return Status::done;
  const int code = library().SSL_get_error(ssl_, result);
  if (code == SSL_ERROR_WANT_READ) return Status::want_read;
  if (code == SSL_ERROR_WANT_WRITE) return Status::want_write;
  if (code == SSL_ERROR_ZERO_RETURN) return Status::ended;
  broken_ = true;  // SSL_shutdown() must not be called any more
  const unsigned long first = library().ERR_peek_error();
  const int reason = ERR_GET_REASON(first);
  if (code == SSL_ERROR_SYSCALL || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    if (errno == 0 || errno == ECONNRESET || errno == EPIPE) return Status::ended;
    error_ = std::generic_category().message(errno);
    return Status::failed;
  }
  if (reason == SSL_R_HTTP_REQUEST) return Status::plain_http;
  error_ = library().take_error();
  const long verdict = library().SSL_get_verify_result(ssl_);
  if (verdict != X509_V_OK) error_.append(": ").append(library().X509_verify_cert_error_string(verdict));
  return Status::failed;
}

bool Session::has_pending() const { return library().SSL_pending(ssl_) > 0; }

bool Session::is_established() const { return library().SSL_is_init_finished(ssl_) != 0; }

void Session::end() {
  if (broken_ || !is_established()) return;
  library().ERR_clear_error();
  library().SSL_shutdown(ssl_);
}

}  // namespace vitalsd::tls
