// swift-tools-version: 6.2
import PackageDescription

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

/// Rooms that are optimised in debug builds too: ciphers and training are a hundred times slower
/// without.
let optimisedInDebug: Set<String> = ["Propensity", "Wire"]

/// Every room of the house with the lower floors it may use.
let rooms: [(name: String, uses: [String])] =
  [
    ("Bytes", []),
    ("Platform", ["Bytes"]),
    ("Domain", ["Bytes"]),
    ("Journal", ["Bytes", "Platform"]),
    ("Simulation", ["Bytes", "Platform"]),
    ("Wire", ["Bytes"]),
    ("Propensity", ["Bytes"]),
    ("PQL", ["Bytes", "Domain"]),
    ("ProfileStore", ["Bytes", "Domain", "Platform", "Journal"]),
    ("Intake", ["Bytes", "Domain", "Platform"]),
    ("Generator", ["Bytes", "Platform"]),
    ("Cluster", ["Bytes", "Domain", "Propensity", "Wire"]),
    ("Segmentation", ["Bytes", "Domain", "PQL", "Platform", "ProfileStore", "Propensity"]),
    (
      "Runtime",
      [
        "Bytes", "Cluster", "Domain", "Intake", "Journal", "PQL", "Platform", "ProfileStore",
        "Propensity", "Segmentation", "Wire",
      ]
    ),
  ]

/// What a room's tests use beyond the room itself and the floors below it.
let alsoUsedByTests: [String: [String]] = [
  "Generator": ["Domain", "Intake", "PQL"],
  "Journal": ["Simulation"],
  "ProfileStore": ["Simulation"],
  "Runtime": ["Simulation"],
  "Segmentation": ["Journal", "Simulation"],
]

/// Prose that lives beside the code it describes.
let pages: [String: [String]] = [
  "PQL": ["LANGUAGE.md"],
  "PQLTests": ["Fixtures"],
  "ProfileStore": ["FORMAT.md"],
  "Propensity": ["FORMAT.md", "README.md"],
  "PropensityTests": ["Fixtures"],
  "Segmentation": ["FEATURES.md", "README.md"],
  "Wire": ["PROTOCOL.md", "SECURITY.md"],
]

let package = Package(
  name: "covey",
  products: [.executable(name: "covey", targets: ["covey"])],
  targets: rooms.map { room in
    .target(
      name: room.name,
      dependencies: room.uses.map { .byName(name: $0) },
      exclude: pages[room.name, default: []],
      swiftSettings: house
        + (optimisedInDebug.contains(room.name)
          ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : [])
    )
  }
    + rooms.map { room in
      .testTarget(
        name: room.name + "Tests",
        dependencies: ([room.name] + room.uses + alsoUsedByTests[room.name, default: []]).map {
          .byName(name: $0)
        },
        exclude: pages[room.name + "Tests", default: []],
        swiftSettings: shared
      )
    }
    + [
      .executableTarget(
        name: "covey",
        dependencies: rooms.map(\.name).filter { $0 != "Simulation" }.map { .byName(name: $0) },
        exclude: pages["covey", default: []],
        swiftSettings: house
      ),
      .testTarget(
        name: "CommandTests",
        dependencies: ["covey", "Bytes", "Domain", "PQL", "Platform", "Runtime", "Wire"],
        exclude: pages["CommandTests", default: []],
        swiftSettings: shared
      ),
    ]
)
