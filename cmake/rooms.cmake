# A room is a folder of src: a static library of its *.cpp, and a test program of its *_test.cpp.
# Folders are globbed, so that a new file needs no line here.
#
#   tidings_room(<folder> LINKS <libraries…> [TEST_LINKS <libraries…>] [TEST_LABEL integration])
#
# makes the library `tidings_<folder>` ('/' becomes '_') and, where there are tests, `<folder>_test`,
# which runs with the unit tests unless TEST_LABEL says otherwise: because it starts a JVM.
# A room's *_integration_test.cpp make a program of their own, `<folder>_integration_test`; it also
# links INTEGRATION_LINKS.
function(tidings_room_test program label)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${program}_test ${TEST_SOURCES})
  target_link_libraries(${program}_test PRIVATE ${TEST_LINKS} GTest::gmock_main)
  add_test(NAME ${program} COMMAND ${program}_test)
  set_tests_properties(${program} PROPERTIES LABELS ${label})
  if(label STREQUAL unit)
    add_dependencies(unit_tests ${program}_test)
  endif()
endfunction()

function(tidings_room folder)
  cmake_parse_arguments(ROOM "" "TEST_LABEL" "LINKS;TEST_LINKS;INTEGRATION_LINKS" ${ARGN})
  string(REPLACE "/" "_" name ${folder})
  set(dir ${PROJECT_SOURCE_DIR}/src/${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(integration_tests ${tests})
  list(FILTER tests EXCLUDE REGEX "_integration_test\\.cpp$")
  list(FILTER integration_tests INCLUDE REGEX "_integration_test\\.cpp$")
  if(sources)
    add_library(tidings_${name} STATIC ${sources})
    target_include_directories(tidings_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(tidings_${name} PUBLIC ${ROOM_LINKS})
  else()
    add_library(tidings_${name} INTERFACE)
    target_include_directories(tidings_${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(tidings_${name} INTERFACE ${ROOM_LINKS})
  endif()
  if(TIDINGS_TESTS AND tests)
    if(NOT ROOM_TEST_LABEL)
      set(ROOM_TEST_LABEL unit)
    endif()
    tidings_room_test(${name} ${ROOM_TEST_LABEL} SOURCES ${tests}
                      LINKS tidings_${name} ${ROOM_TEST_LINKS})
  endif()
  if(TIDINGS_TESTS AND integration_tests)
    tidings_room_test(${name}_integration integration SOURCES ${integration_tests}
                      LINKS tidings_${name} ${ROOM_TEST_LINKS} ${ROOM_INTEGRATION_LINKS})
  endif()
endfunction()
