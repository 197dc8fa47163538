# The static build: Debian has no static prometheus-cpp and spdlog, so the first is built from its source package
# (packaging/static/fetch-sources) and the second is taken as headers.
set(source ${PROJECT_SOURCE_DIR}/build/static-sources/prometheus-cpp)
execute_process(COMMAND ${PROJECT_SOURCE_DIR}/packaging/static/fetch-sources ${PROJECT_SOURCE_DIR}/build/static-sources COMMAND_ERROR_IS_FATAL ANY)

file(GLOB prometheus_sources ${source}/core/src/*.cc ${source}/core/src/detail/*.cc)
add_library(prometheus_core STATIC ${prometheus_sources})
set_target_properties(prometheus_core PROPERTIES CXX_STANDARD 11)
target_compile_options(prometheus_core PRIVATE -w)
target_include_directories(prometheus_core SYSTEM PUBLIC ${source}/core/include ${CMAKE_BINARY_DIR}/prometheus)
file(WRITE ${CMAKE_BINARY_DIR}/prometheus/prometheus/detail/core_export.h "#pragma once\n#define PROMETHEUS_CPP_CORE_EXPORT\n")
add_library(prometheus-cpp::core ALIAS prometheus_core)

add_library(vitalsd_spdlog INTERFACE)
target_compile_definitions(vitalsd_spdlog INTERFACE SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)

find_library(YAML_CPP_ARCHIVE libyaml-cpp.a REQUIRED)
add_library(vitalsd_yaml INTERFACE)
target_link_libraries(vitalsd_yaml INTERFACE ${YAML_CPP_ARCHIVE})

set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
