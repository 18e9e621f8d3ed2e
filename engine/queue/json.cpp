// The one place that compiles Boost.JSON, which is used header-only: no further shared library in the process.
#include <boost/json/src.hpp>
