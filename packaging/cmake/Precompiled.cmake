# Most of the time of a compilation went into the headers of the standard library and of GoogleTest, 2 of 2.5 seconds for a
# collector. The debug builds precompile them. What is released is compiled without, so that a header that a file forgot to
# include is still found. None of our own headers are here: a change of one would compile everything again.
option(VITALSD_PRECOMPILED "Precompile the headers of the standard library and of GoogleTest" OFF)

# <filesystem> is left out: its std::quoted would be found instead of ours.
set(VITALSD_STANDARD_HEADERS <algorithm> <array> <charconv> <chrono> <cmath> <cstring> <expected> <functional> <map> <memory> <mutex>
                             <optional> <span> <string> <string_view> <utility> <vector>)

function(vitalsd_precompile target)
  if(VITALSD_PRECOMPILED)
    target_precompile_headers(${target} PRIVATE ${VITALSD_STANDARD_HEADERS} ${ARGN})
    # ccache needs to see in the preprocessed text that a precompiled header was used.
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
  endif()
endfunction()
