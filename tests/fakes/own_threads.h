// ThreadSanitizer adds a thread to every process, which tests that count threads or switches would count.
//   SKIP_WITH_SANITIZER_THREAD();
#pragma once

#include <gtest/gtest.h>

#ifdef __SANITIZE_THREAD__
#define SKIP_WITH_SANITIZER_THREAD() GTEST_SKIP() << "ThreadSanitizer has a thread of its own in each process"
#else
#define SKIP_WITH_SANITIZER_THREAD() static_cast<void>(0)
#endif
