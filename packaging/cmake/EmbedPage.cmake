# Writes the files of the status page as C++ arrays, each compressed by gzip: cmake -DFILES=A;B -DOUTPUT=x.cpp -P EmbedPage.cmake
#   @HASH@ in the HTML is the hash of all other files, which is a part of their paths: what a browser keeps never changes.
# The output is the same for the same input: gzip -n writes neither name nor time.
find_program(GZIP gzip REQUIRED)
list(SORT FILES)

set(all)
foreach(file ${FILES})
  if(NOT file MATCHES "\\.html$")
    file(SHA256 ${file} hash)
    string(APPEND all ${hash})
  endif()
endforeach()
string(SHA256 hash "${all}")
string(SUBSTRING ${hash} 0 16 hash)

set(types_html "text/html; charset=utf-8")
set(types_js "text/javascript; charset=utf-8")
set(types_css "text/css; charset=utf-8")
set(arrays)
set(rows)
set(number 0)
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  get_filename_component(extension ${file} LAST_EXT)
  string(SUBSTRING ${extension} 1 -1 extension)
  set(copy ${OUTPUT}.${name})
  if(extension STREQUAL html)
    file(READ ${file} text)
    string(REPLACE "@HASH@" ${hash} text "${text}")
    file(WRITE ${copy} "${text}")
  else()
    configure_file(${file} ${copy} COPYONLY)
  endif()
  execute_process(COMMAND ${GZIP} -9 -n -f ${copy} COMMAND_ERROR_IS_FATAL ANY)
  file(READ ${copy}.gz bytes HEX)
  file(SHA256 ${copy}.gz etag)
  string(SUBSTRING ${etag} 0 16 etag)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND arrays "constexpr char k${number}[] = {${bytes}};\n")
  string(APPEND rows "    {\"${name}\", \"${types_${extension}}\", \"W/\\\"${etag}\\\"\", {k${number}, sizeof(k${number})}},\n")
  math(EXPR number "${number} + 1")
  file(REMOVE ${copy}.gz)
endforeach()

file(WRITE ${OUTPUT} "// Written by packaging/cmake/EmbedPage.cmake.
#include \"daemon/web/page_files.h\"

namespace vitalsd {
namespace {
${arrays}
constexpr PageFile kFiles[] = {
${rows}};
}  // namespace

std::span<const PageFile> page_files() { return kFiles; }
std::string_view page_hash() { return \"${hash}\"; }
}  // namespace vitalsd
")
