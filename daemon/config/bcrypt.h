// Checks passwords against bcrypt hashes by means of libcrypt, the C library's companion.
#pragma once

#include <string>
#include <string_view>

namespace vitalsd::bcrypt {

/// Returns why `hash` cannot be used and what to do about it; empty when it can be used.
std::string fault_of(std::string_view hash);

/// The cost in the hash: one check takes 2^cost rounds of bcrypt's key schedule.
unsigned cost_of(std::string_view hash);

/// Whether one check takes so long (seconds) that a scrape may time out while it waits for the first one.
bool is_slow(std::string_view hash);

/// Compares in a time that does not depend on where the texts differ. The time may reveal their lengths.
bool are_equal(std::string_view a, std::string_view b);

/// Whether `hash` was made from `password`. Slow by design: 0.1 s with a cost of 10, and twice that for each step more.
/// `hash` must have passed fault_of(). A password with a zero byte matches nothing; of any other password only the
/// first 72 bytes count, as in every bcrypt.
bool matches(const std::string& password, const std::string& hash);

}  // namespace vitalsd::bcrypt
