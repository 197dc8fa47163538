// Turns text into a setting's value and checks its type, bounds and allowed words, for all layers alike.
#pragma once

#include <string>
#include <string_view>

#include "daemon/config/settings.h"

namespace vitalsd::conf {

/// Describes the value that the setting takes: "a duration such as 5s or 1m30s".
std::string expectation(const Setting& setting);

/// Sets a scalar, or adds one item to a list or one NAME=VALUE to a mapping. Adds a fault if `text` does not fit.
void put_text(const Setting& setting, std::string text, const Origin& origin, Assigned& to, Faults& faults);
/// Adds one record after checking its keys. `name` is the key that every record has.
void put_record(const Setting& setting, Record record, const Origin& origin, Assigned& to, Faults& faults);
/// As put_text, for flags and environment, where a record is written NAME:FIELD=VALUE.
void put_spelled(const Setting& setting, std::string_view text, const Origin& origin, Assigned& to, Faults& faults);

/// Null for `name` and for a key that is not a field.
const RecordField* record_field(const Setting& setting, std::string_view key);
/// Whether each record must have a name that no other has.
bool needs_name(const Setting& setting);

/// The message of the fault if a record has no such key, else empty.
std::string record_key_fault(const Setting& setting, std::string_view key);

}  // namespace vitalsd::conf
