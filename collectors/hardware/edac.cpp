// Memory errors counted by the machine's memory controllers (Documentation/admin-guide/ras.rst).
#include <array>
#include <string>

#include "collectors/kit/attributes.h"
#include "collectors/kit/digits.h"

namespace vitalsd {
namespace {

constexpr std::string_view kRoot = "devices/system/edac/mc";
constexpr std::array<std::string_view, 1> kController = {"controller"};
constexpr std::array<std::string_view, 2> kRow = {"controller", "csrow"};
constexpr std::array<std::string_view, 4> kChannel = {"controller", "csrow", "channel", "dimm_label"};

constexpr std::array kControllers = {
    Attribute{
        "ce_count",
        {"node_edac_correctable_errors_total", Kind::counter, "Total correctable memory errors.", {}, kController}},
    Attribute{
        "ue_count",
        {"node_edac_uncorrectable_errors_total", Kind::counter, "Total uncorrectable memory errors.", {}, kController}},
};
constexpr std::array kRows = {
    Attribute{"ce_count",
              {"node_edac_csrow_correctable_errors_total",
               Kind::counter,
               "Total correctable memory errors for this csrow.",
               {},
               kRow}},
    Attribute{"ue_count",
              {"node_edac_csrow_uncorrectable_errors_total",
               Kind::counter,
               "Total uncorrectable memory errors for this csrow.",
               {},
               kRow}},
};
constexpr Family kChannelCorrectable{"node_edac_channel_correctable_errors_total",
                                     Kind::counter,
                                     "Total correctable memory errors for this channel.",
                                     {},
                                     kChannel};
constexpr Family kChannelUncorrectable{"node_edac_channel_uncorrectable_errors_total",
                                       Kind::counter,
                                       "Total uncorrectable memory errors for this channel.",
                                       {},
                                       kChannel};
constexpr auto kFamilies = family_list<family_total(kControllers, kRows, kChannelCorrectable, kChannelUncorrectable)>(
    kControllers, kRows, kChannelCorrectable, kChannelUncorrectable);

class EdacCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const FileSource& sysfs = *context.host.sysfs;
    if (const auto listed = sysfs.list(kRoot, controllers_); !listed) {
      // The kernel has no memory controllers to watch. Like node_exporter, succeed without series.
      if (is_gone(listed.error())) return {};
      return fail(listed.error());
    }
    for (std::size_t i = 0; i < controllers_.size(); ++i) {
      const auto controller = number_behind("mc", controllers_[i]);
      if (controller.empty()) continue;
      directory_.assign(kRoot).append("/").append(controllers_[i]);
      const std::array values = {controller};
      add_attributes(kControllers, sysfs, directory_, context, sink, sink.labels(kController, values));
      add_unknown(context, sink, controller, "ce_noinfo_count", kRows[0].family);
      add_unknown(context, sink, controller, "ue_noinfo_count", kRows[1].family);
      add_rows(context, sink, controller);
    }
    return {};
  }

 private:
  // Errors that the controller could not assign to a row.
  void add_unknown(CollectContext& context, Sink& sink, std::string_view controller, std::string_view file,
                   const Family& family) {
    const auto count = read_number(*context.host.sysfs, directory_, file, context);
    if (count) sink.add(family, {controller, "unknown"}, *count);
  }

  void add_rows(CollectContext& context, Sink& sink, std::string_view controller) {
    const FileSource& sysfs = *context.host.sysfs;
    if (!sysfs.list(directory_, rows_)) return;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const auto row = number_behind("csrow", rows_[i]);
      if (row.empty()) continue;
      row_.assign(directory_).append("/").append(rows_[i]);
      const std::array values = {controller, row};
      add_attributes(kRows, sysfs, row_, context, sink, sink.labels(kRow, values));
      add_channels(context, sink, controller, row);
    }
  }

  void add_channels(CollectContext& context, Sink& sink, std::string_view controller, std::string_view row) {
    const FileSource& sysfs = *context.host.sysfs;
    if (!sysfs.list(row_, files_)) return;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      const std::string_view name = files_[i];
      const bool correctable = name.ends_with("_ce_count");
      if (!correctable && !name.ends_with("_ue_count")) continue;
      const auto channel = number_behind("ch", name.substr(0, name.size() - std::string_view("_ce_count").size()));
      if (channel.empty()) continue;
      file_.assign("ch").append(channel).append("_dimm_label");
      const auto text = read_attribute(sysfs, row_, file_, context);
      set_label(text ? *text : "unknown");
      const auto count = read_number(sysfs, row_, name, context);
      if (count)
        sink.add(correctable ? kChannelCorrectable : kChannelUncorrectable, {controller, row, channel, label_}, *count);
    }
  }

  // Like node_exporter, publishes "mc#0csrow#1channel#0" as "mc0_csrow1_channel0".
  void set_label(std::string_view text) {
    label_.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::string_view rest = text.substr(i);
      if (rest.starts_with("csrow") || rest.starts_with("channel")) label_ += '_';
      if (text[i] != '#') label_ += text[i];
    }
  }

  Names controllers_, rows_, files_;
  std::string directory_, row_, file_, label_;
};

const Registration kRegistration{{.name = "edac",
                                  .help = "Errors that memory controllers counted.",
                                  .families = kFamilies,
                                  .make = make_collector<EdacCollector>}};

}  // namespace
}  // namespace vitalsd
