// From text to a setting's value: types, bounds and words are checked here, whichever layer the text came from.
#pragma once

#include <string>
#include <string_view>

#include "daemon/config/settings.h"

namespace vitalsd::conf {

/// What kind of value the setting takes: "a duration such as 5s or 1m30s".
std::string expectation(const Setting& setting);

/// Sets a scalar or adds a list's item or a mapping's NAME=VALUE; a value of another kind is a fault.
void put_text(const Setting& setting, std::string text, const Origin& origin, Assigned& to, Faults& faults);
/// Adds one record after checking its keys; `name` is the one every record has.
void put_record(const Setting& setting, Record record, const Origin& origin, Assigned& to, Faults& faults);
/// As put_text, but a record is spelled NAME:FIELD=VALUE: flags and environment.
void put_spelled(const Setting& setting, std::string_view text, const Origin& origin, Assigned& to, Faults& faults);

/// Null for `name` and for what is no field.
const RecordField* record_field(const Setting& setting, std::string_view key);
/// Whether each of the records needs a name of its own.
bool needs_name(const Setting& setting);

/// The fault of a record's key that does not exist, or empty.
std::string record_key_fault(const Setting& setting, std::string_view key);

}  // namespace vitalsd::conf
