#include <algorithm>
#include <array>

#include "collectors/formats/fields.h"
#include "collectors/kit/field_families.h"
#include "core/collector.h"

namespace vitalsd {
namespace {

// Documentation/networking/xfrm_proc.rst; counters of newer kernels than these are left out, as with node_exporter.
constexpr std::array kKnown = {
    KnownField{"XfrmAcquireError",
               {"node_xfrm_acquire_error_packets_total", Kind::counter, "State hasn’t been fully acquired before use"}},
    KnownField{"XfrmFwdHdrError",
               {"node_xfrm_fwd_hdr_error_packets_total", Kind::counter, "Forward routing of a packet is not allowed"}},
    KnownField{"XfrmInBufferError", {"node_xfrm_in_buffer_error_packets_total", Kind::counter, "No buffer is left"}},
    KnownField{"XfrmInError", {"node_xfrm_in_error_packets_total", Kind::counter, "All errors not matched by other"}},
    KnownField{"XfrmInHdrError", {"node_xfrm_in_hdr_error_packets_total", Kind::counter, "Header error"}},
    KnownField{"XfrmInNoPols",
               {"node_xfrm_in_no_pols_packets_total", Kind::counter,
                "No policy is found for states e.g. Inbound SAs are correct but no SP is found"}},
    KnownField{"XfrmInNoStates",
               {"node_xfrm_in_no_states_packets_total", Kind::counter,
                "No state is found i.e. Either inbound SPI, address, or IPsec protocol at SA is wrong"}},
    KnownField{"XfrmInPolBlock", {"node_xfrm_in_pol_block_packets_total", Kind::counter, "Policy discards"}},
    KnownField{"XfrmInPolError", {"node_xfrm_in_pol_error_packets_total", Kind::counter, "Policy error"}},
    KnownField{"XfrmInStateExpired", {"node_xfrm_in_state_expired_packets_total", Kind::counter, "State is expired"}},
    KnownField{"XfrmInStateInvalid", {"node_xfrm_in_state_invalid_packets_total", Kind::counter, "State is invalid"}},
    KnownField{"XfrmInStateMismatch",
               {"node_xfrm_in_state_mismatch_packets_total", Kind::counter,
                "State has mismatch option e.g. UDP encapsulation type is mismatch"}},
    KnownField{"XfrmInStateModeError",
               {"node_xfrm_in_state_mode_error_packets_total", Kind::counter, "Transformation mode specific error"}},
    KnownField{"XfrmInStateProtoError",
               {"node_xfrm_in_state_proto_error_packets_total", Kind::counter,
                "Transformation protocol specific error e.g. SA key is wrong"}},
    KnownField{"XfrmInStateSeqError",
               {"node_xfrm_in_state_seq_error_packets_total", Kind::counter,
                "Sequence error i.e. Sequence number is out of window"}},
    KnownField{"XfrmInTmplMismatch",
               {"node_xfrm_in_tmpl_mismatch_packets_total", Kind::counter,
                "No matching template for states e.g. Inbound SAs are correct but SP rule is wrong"}},
    KnownField{"XfrmOutBundleCheckError",
               {"node_xfrm_out_bundle_check_error_packets_total", Kind::counter, "Bundle check error"}},
    KnownField{"XfrmOutBundleGenError",
               {"node_xfrm_out_bundle_gen_error_packets_total", Kind::counter, "Bundle generation error"}},
    KnownField{"XfrmOutError",
               {"node_xfrm_out_error_packets_total", Kind::counter, "All errors which is not matched others"}},
    KnownField{"XfrmOutNoStates", {"node_xfrm_out_no_states_packets_total", Kind::counter, "No state is found"}},
    KnownField{"XfrmOutPolBlock", {"node_xfrm_out_pol_block_packets_total", Kind::counter, "Policy discards"}},
    KnownField{"XfrmOutPolDead", {"node_xfrm_out_pol_dead_packets_total", Kind::counter, "Policy is dead"}},
    KnownField{"XfrmOutPolError", {"node_xfrm_out_pol_error_packets_total", Kind::counter, "Policy error"}},
    KnownField{"XfrmOutStateExpired", {"node_xfrm_out_state_expired_packets_total", Kind::counter, "State is expired"}},
    KnownField{"XfrmOutStateInvalid",
               {"node_xfrm_out_state_invalid_packets_total", Kind::counter, "State is invalid, perhaps expired"}},
    KnownField{"XfrmOutStateModeError",
               {"node_xfrm_out_state_mode_error_packets_total", Kind::counter, "Transformation mode specific error"}},
    KnownField{
        "XfrmOutStateProtoError",
        {"node_xfrm_out_state_proto_error_packets_total", Kind::counter, "Transformation protocol specific error"}},
    KnownField{
        "XfrmOutStateSeqError",
        {"node_xfrm_out_state_seq_error_packets_total", Kind::counter, "Sequence error i.e. Sequence number overflow"}},
};
static_assert(std::ranges::is_sorted(kKnown, {}, &KnownField::name));
constexpr auto kFamilies = families_of(kKnown);

class XfrmCollector final : public Collector {
 public:
  Result<void> collect(CollectContext& context, Sink& sink) override {
    const auto text = context.host.procfs->read("net/xfrm_stat", context.buffer, Keep::yes);
    if (!text) return fail(text.error());
    if (const auto parsed = vmstat::parse(*text, fields_, context.faults); !parsed) return parsed;
    // The kernel prints these counters with a sign (net/xfrm/xfrm_proc.c), and none is below 0.
    std::erase_if(fields_, [&](const Field& field) {
      if (field.value < 0) context.faults.partial(field.name, "xfrm_stat", {Errc::malformed, 0, "xfrm_stat"}, {});
      return field.value < 0;
    });
    families_.publish(fields_, sink);
    return {};
  }

 private:
  std::vector<Field> fields_;
  FieldFamilies families_{kKnown, {}, [](std::string_view name) {
                            return std::ranges::binary_search(kKnown, name, {}, &KnownField::name);
                          }};
};

const Registration kRegistration{{.name = "xfrm",
                                  .enabled = false,
                                  .help = "Errors of IPsec's transformations.",
                                  .families = kFamilies,
                                  .never_waits = true,
                                  .make = make_collector<XfrmCollector>}};

}  // namespace
}  // namespace vitalsd
