// Makes certificates for a test with the openssl command, in a temporary directory.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/exporters/http_fixture.h"

namespace vitalsd::tls {

class Certificates {
 public:
  /// Makes NAME.crt, self-signed for localhost and valid for `days`, and NAME.key.
  void make(const std::string& name, int days = 10) {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -addext "
        "subjectAltName=DNS:localhost,IP:127.0.0.1,URI:spiffe://x/y,email:a@b -days " +
        std::to_string(days) + " -keyout " + path(name + ".key") + " -out " + path(name + ".crt"));
  }
  /// Makes AS.key, a copy of NAME.key with a passphrase.
  void lock(const std::string& name, const std::string& as) {
    run("openssl ec -aes128 -passout pass:x -in " + path(name + ".key") + " -out " + path(as + ".key"));
  }
  std::string path(const std::string& name) const { return directory_ / name; }
  std::string text(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  static void run(const std::string& command) {
    ASSERT_EQ(std::system((command + " >/dev/null 2>&1").c_str()), 0)
        << command << " (./dev deps test installs openssl)";
  }
  http::TempDir directory_;
};

}  // namespace vitalsd::tls
