// A host whose trees are FakeFiles, for fixtures to inherit.
#pragma once

#include <memory>

#include "core/collector.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_files.h"

namespace vitalsd {

struct FakeHost {
  FakeHost() {
    host.procfs.reset(procfs);
    host.sysfs.reset(sysfs);
    host.rootfs.reset(rootfs);
    host.cgroupfs.reset(cgroupfs);
    host.udev.reset(udev);
    host.self.reset(self);
    host.clock = &clock;
  }

  FakeClock clock;
  Host host;
  FakeFiles* const procfs = new FakeFiles;  // the host owns them
  FakeFiles* const sysfs = new FakeFiles;
  FakeFiles* const rootfs = new FakeFiles;
  FakeFiles* const cgroupfs = new FakeFiles;
  FakeFiles* const udev = new FakeFiles;
  FakeFiles* const self = new FakeFiles;
};

}  // namespace vitalsd
