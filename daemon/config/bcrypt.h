// Passwords against their bcrypt hashes, by the C library's libcrypt.
#pragma once

#include <string>
#include <string_view>

namespace vitalsd::bcrypt {

/// Why `hash` cannot be used, and what to do; empty: it can.
std::string fault_of(std::string_view hash);

/// The work that a hash asks for, as a power of two.
unsigned cost_of(std::string_view hash);

/// The first check takes seconds: a scrape may not wait for it.
bool is_slow(std::string_view hash);

/// In a time that reveals nothing of where they differ; it may reveal their lengths.
bool are_equal(std::string_view a, std::string_view b);

/// Takes long, that is what it is for: 0.1 s with a cost of 10, twice that for each more. `hash` is without fault.
/// A password with a zero byte matches nothing; of others the first 72 bytes count, as with everyone's bcrypt.
bool matches(const std::string& password, const std::string& hash);

}  // namespace vitalsd::bcrypt
