# Finds libunbound (Debian: libunbound-dev, the nettle build, so that no OpenSSL enters the process). Gives Unbound::unbound.
find_path(Unbound_INCLUDE_DIR unbound.h)
find_library(Unbound_LIBRARY unbound)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Unbound
  REQUIRED_VARS Unbound_LIBRARY Unbound_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install libunbound-dev")

if(Unbound_FOUND AND NOT TARGET Unbound::unbound)
  add_library(Unbound::unbound UNKNOWN IMPORTED)
  set_target_properties(Unbound::unbound PROPERTIES IMPORTED_LOCATION ${Unbound_LIBRARY})
  target_include_directories(Unbound::unbound INTERFACE ${Unbound_INCLUDE_DIR})
endif()
mark_as_advanced(Unbound_INCLUDE_DIR Unbound_LIBRARY)
