# The BPF source of process samples: its program is compiled by clang and lies within the binary, its loader is libbpf.
# Where either is missing a stub takes its place that says so. vitalsd_add_bpf(TARGET) adds what there is.
set(VITALSD_BPF AUTO CACHE STRING "Build the BPF source of process samples: AUTO (where clang and libbpf are), ON, OFF")
set_property(CACHE VITALSD_BPF PROPERTY STRINGS AUTO ON OFF)

function(vitalsd_add_bpf target)
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/process/sources/bpf)
  if(NOT VITALSD_BPF STREQUAL "OFF")
    find_program(VITALSD_BPF_CLANG NAMES clang-19 clang)
    pkg_check_modules(LIBBPF IMPORTED_TARGET libbpf>=1.0)
    set(libraries PkgConfig::LIBBPF)
    if(VITALSD_STATIC)
      # What libbpf.a needs in its turn.
      find_library(ELF_ARCHIVE libelf.a)
      find_library(Z_ARCHIVE libz.a)
      list(APPEND libraries ${ELF_ARCHIVE} ${Z_ARCHIVE})
    endif()
    if(VITALSD_BPF_CLANG AND LIBBPF_FOUND AND NOT (VITALSD_STATIC AND NOT (ELF_ARCHIVE AND Z_ARCHIVE)))
      set(found TRUE)
    elseif(VITALSD_BPF STREQUAL "ON")
      message(FATAL_ERROR "VITALSD_BPF=ON needs clang and libbpf 1.0 (./dev deps bpf)")
    endif()
  endif()
  if(NOT found)
    message(STATUS "Without the BPF source of process samples")
    target_sources(${target} PRIVATE ${folder}/bpf_stub.cpp)
    return()
  endif()

  set(object ${CMAKE_CURRENT_BINARY_DIR}/process_iter.bpf.o)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${VITALSD_BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Werror -fdebug-prefix-map=${PROJECT_SOURCE_DIR}=.
            -MD -MF ${object}.d -c ${folder}/process_iter.bpf.c -o ${object}
    DEPENDS ${folder}/process_iter.bpf.c
    DEPFILE ${object}.d
    COMMENT "Building the BPF program of process samples"
    VERBATIM)
  target_sources(${target} PRIVATE ${folder}/bpf_source.cpp)
  set_source_files_properties(${folder}/bpf_source.cpp PROPERTIES OBJECT_DEPENDS ${object}
                              COMPILE_DEFINITIONS VITALSD_BPF_OBJECT="${object}")
  target_link_libraries(${target} PRIVATE ${libraries})
endfunction()
