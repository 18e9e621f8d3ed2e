# Finds BoringSSL: Debian's android-libboringssl-dev, or a build of one's own under BORINGSSL_ROOT (include/ and lib/).
# Gives BoringSSL::ssl and BoringSSL::crypto. Headers come before the system's, because libssl-dev may be installed too.
set(BORINGSSL_ROOT "" CACHE PATH "prefix of a BoringSSL build; empty: Debian's android-libboringssl-dev")

if(BORINGSSL_ROOT)
  set(boringssl_include ${BORINGSSL_ROOT}/include)
  set(boringssl_lib_hints ${BORINGSSL_ROOT}/lib ${BORINGSSL_ROOT} ${BORINGSSL_ROOT}/build)
else()
  set(boringssl_include /usr/include/android)
  set(boringssl_lib_hints /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/android)
endif()

find_path(BoringSSL_INCLUDE_DIR openssl/is_boringssl.h PATHS ${boringssl_include} NO_DEFAULT_PATH)
find_library(BoringSSL_SSL_LIBRARY ssl PATHS ${boringssl_lib_hints} NO_DEFAULT_PATH)
find_library(BoringSSL_CRYPTO_LIBRARY crypto PATHS ${boringssl_lib_hints} NO_DEFAULT_PATH)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BoringSSL
  REQUIRED_VARS BoringSSL_SSL_LIBRARY BoringSSL_CRYPTO_LIBRARY BoringSSL_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install android-libboringssl-dev or set BORINGSSL_ROOT")

if(BoringSSL_FOUND AND NOT TARGET BoringSSL::ssl)
  get_filename_component(boringssl_lib_dir ${BoringSSL_SSL_LIBRARY} DIRECTORY)
  add_library(BoringSSL::crypto UNKNOWN IMPORTED)
  set_target_properties(BoringSSL::crypto PROPERTIES
    IMPORTED_LOCATION ${BoringSSL_CRYPTO_LIBRARY}
    INTERFACE_LINK_OPTIONS "LINKER:-rpath,${boringssl_lib_dir}")
  target_include_directories(BoringSSL::crypto BEFORE INTERFACE ${BoringSSL_INCLUDE_DIR})
  add_library(BoringSSL::ssl UNKNOWN IMPORTED)
  set_target_properties(BoringSSL::ssl PROPERTIES
    IMPORTED_LOCATION ${BoringSSL_SSL_LIBRARY}
    INTERFACE_LINK_LIBRARIES BoringSSL::crypto)
  target_include_directories(BoringSSL::ssl BEFORE INTERFACE ${BoringSSL_INCLUDE_DIR})
endif()
mark_as_advanced(BoringSSL_INCLUDE_DIR BoringSSL_SSL_LIBRARY BoringSSL_CRYPTO_LIBRARY)
