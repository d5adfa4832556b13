// swift-tools-version: 6.2
import Foundation
import PackageDescription

/// While the house is being built: a room is declared when its folder holds code.
func built(_ folder: String) -> Bool {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
  let names = FileManager.default.enumerator(atPath: root + "/" + folder)?.allObjects ?? []
  return names.contains { ($0 as? String)?.hasSuffix(".swift") == true }
}

// Swift and imported C are compiled for AVX2 and BMI2 on x86-64; other CPUs take the plain loops.
#if arch(x86_64)
  let cpu: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=x86-64-v3", "-Xcc", "-D_GNU_SOURCE"])]
#else
  let cpu: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-D_GNU_SOURCE"])]
#endif

let shared: [SwiftSetting] =
  cpu + [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
let house: [SwiftSetting] = shared + [.strictMemorySafety()]

/// Every room of the house with the lower floors it may use.
let rooms: [(name: String, uses: [String])] =
  ([
    ("Bytes", []),
    ("Platform", ["Bytes"]),
    ("Domain", ["Bytes"]),
    ("Journal", ["Bytes", "Platform"]),
    ("Simulation", ["Bytes", "Platform"]),
    ("Wire", ["Bytes"]),
    ("PQL", ["Bytes", "Domain"]),
    ("ProfileStore", ["Bytes", "Domain", "Platform", "Journal"]),
    ("Intake", ["Bytes", "Domain", "Platform"]),
    ("Generator", ["Bytes", "Platform"]),
    ("Cluster", ["Bytes", "Domain", "Wire"]),
    ("Segmentation", ["Bytes", "Domain", "PQL", "ProfileStore"]),
    (
      "Runtime",
      [
        "Bytes", "Cluster", "Domain", "Intake", "Journal", "PQL", "Platform", "ProfileStore",
        "Segmentation", "Wire",
      ]
    ),
  ] as [(name: String, uses: [String])]).filter { built("Sources/" + $0.name) }.map { room in
    (room.name, room.uses.filter { built("Sources/" + $0) })
  }

/// What a room's tests use beyond the room itself and the floors below it.
let alsoUsedByTests: [String: [String]] = [
  "Journal": ["Simulation"],
  "ProfileStore": ["Simulation"],
]

/// Prose that lives beside the code it describes.
let pages: [String: [String]] = [:]

let package = Package(
  name: "covey",
  products: built("Sources/covey") ? [.executable(name: "covey", targets: ["covey"])] : [],
  targets: rooms.map { room in
    .target(
      name: room.name,
      dependencies: room.uses.map { .byName(name: $0) },
      exclude: pages[room.name, default: []],
      swiftSettings: house
    )
  }
    + rooms.filter { built("Tests/" + $0.name + "Tests") }.map { room in
      .testTarget(
        name: room.name + "Tests",
        dependencies: ([room.name] + room.uses
          + alsoUsedByTests[room.name, default: []].filter { built("Sources/" + $0) }).map {
            .byName(name: $0)
          },
        swiftSettings: shared
      )
    }
    + (built("Sources/covey")
    ? [
      .executableTarget(
        name: "covey",
        dependencies: (rooms.map(\.name).filter { $0 != "Simulation" }).map { .byName(name: $0) },
        swiftSettings: house
      ),
      .testTarget(
        name: "CommandTests",
        dependencies: ["covey", "Bytes", "Domain", "Platform", "Runtime"],
        swiftSettings: shared
      ),
    ] : []).filter { $0.name == "covey" || built("Tests/CommandTests") }
)
