// The one translation unit that compiles Asio, Beast and JSON: everything else sees declarations.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
#include <boost/json/src.hpp>
