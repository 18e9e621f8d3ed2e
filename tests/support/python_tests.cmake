# sluice_python_test(NAME) runs tests/<folder>/NAME.py against the binary; it may use the package `support`.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
function(sluice_python_test file)
  cmake_parse_arguments(ARG "" "TIMEOUT" "LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  add_test(NAME ${folder}.${file} COMMAND ${Python3_EXECUTABLE} -B -m unittest -v ${file}
           WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  set_tests_properties(${folder}.${file} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "binary;${ARG_LABELS}"
    ENVIRONMENT "SLUICE_BINARY=$<TARGET_FILE:sluice>;PYTHONPATH=${PROJECT_SOURCE_DIR}/tests")
endfunction()
