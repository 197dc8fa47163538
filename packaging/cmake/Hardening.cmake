# Warnings for all, hardening for release, and -DVITALSD_SANITIZE=address,undefined or thread for the checked builds.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these inside coroutine frames and std::string of its own library.
  add_compile_options(-Wno-restrict -Wno-dangling-pointer -Wno-maybe-uninitialized -Wno-missing-field-initializers)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fcoroutines>)
else()
  add_compile_options()
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  include(CheckCXXCompilerFlag)
  check_cxx_compiler_flag(-fcf-protection VITALSD_CF_PROTECTION)  # x86 alone has it
  add_compile_options(-fstack-protector-strong -fstack-clash-protection $<$<BOOL:${VITALSD_CF_PROTECTION}>:-fcf-protection> -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
                      -D_GLIBCXX_ASSERTIONS -ffunction-sections -fdata-sections)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--gc-sections -Wl,--as-needed -Wl,-O1)
  if(VITALSD_STATIC)
    add_link_options(-static-pie)
  else()
    add_link_options(-pie)
  endif()
endif()

if(VITALSD_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # without coverage of the libraries libFuzzer is blind
endif()

set(VITALSD_SANITIZE "" CACHE STRING "Sanitizers of -fsanitize, comma separated")
if(VITALSD_SANITIZE)
  add_compile_options(-fsanitize=${VITALSD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VITALSD_SANITIZE})
endif()
