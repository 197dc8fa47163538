// One probe, from resolving the name to the judgement of the answer.
//   const ProbeOutcome outcome = co_await probe_once(tools, spec);
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "daemon/probe/outcome.h"
#include "daemon/probe/preparation.h"
#include "daemon/probe/probe_spec.h"

namespace vitalsd {

/// What all probes share; outlives them.
struct ProbeTools {
  boost::asio::io_context& loop;
  Preparer preparer;
  std::shared_ptr<TlsContexts> contexts = std::make_shared<TlsContexts>();

  ProbeTools(boost::asio::io_context& io, Pool& pool) : loop(io), preparer(io, pool) {}
};

/// A probe that keeps the body of the answer, of HTTP.
struct ProbeAnswer {
  ProbeOutcome outcome;
  std::string body, content_type;
};

/// Ends at the probe's timeout at the latest.
boost::asio::awaitable<ProbeOutcome> probe_once(ProbeTools& tools, std::shared_ptr<const ProbeSpec> spec);

boost::asio::awaitable<ProbeAnswer> fetch_once(ProbeTools& tools, std::shared_ptr<const ProbeSpec> spec);

}  // namespace vitalsd
