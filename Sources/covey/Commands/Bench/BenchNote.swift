import Bytes
import Domain
import Intake
import Platform

/// The note beside data that a measurement has loaded, `loaded.json`: what it was made of.
///
/// It is written last; a folder without one holds nothing whole.
struct BenchNote {
  private static let name = "/loaded.json"

  /// The names of the files, and the bytes of all of them.
  var files: [String]
  var shardCount: Int
  var loadSeconds: Double

  init(files: [String], shardCount: Int, loadSeconds: Double) {
    self.files = files
    self.shardCount = shardCount
    self.loadSeconds = loadSeconds
  }

  /// Reads the note of a folder; `nil` where there is none.
  init?(folder: String) throws {
    let path = folder + BenchNote.name
    guard LinuxDisk().exists(path) else { return nil }
    let value = try? Value.parse(json: try LinuxDisk().read(path))
    guard let files = value?["files"]?.elements?.compactMap({ $0.text?.string }),
      let shardCount = value?["shards"]?.integer, (1...1 << 20) ~= shardCount,
      let seconds = value?["loadSeconds"]?.number
    else {
      throw CommandFailure(.data, "the note '\(path)' is damaged; remove the folder")
    }
    self.init(files: files, shardCount: Int(shardCount), loadSeconds: seconds)
  }

  func write(to folder: String) throws {
    var writer = JSONWriter(.pretty)
    writer.beginObject()
    writer.name("files")
    writer.beginArray()
    for file in files { writer.write(Text(file)) }
    writer.endArray()
    writer.name("shards")
    writer.write(shardCount)
    writer.name("loadSeconds")
    writer.write(loadSeconds)
    writer.endObject()
    try LinuxDisk().replace(folder + BenchNote.name, with: writer.bytes + [0x0A])
  }

  /// Finds out that the folder holds other data than what is asked for; any, without files.
  func check(_ source: IntakeSource?, folder: String) throws(CommandFailure) {
    guard let source, files != BenchNote.files(of: source) else { return }
    throw CommandFailure(
      .usage,
      "the folder '\(folder)' holds the data of other files; name a new one",
      next: "or leave the files out to measure what is there, of \(files.joined(separator: ", "))"
    )
  }

  static func files(of source: IntakeSource) -> [String] {
    source.shownNames + ["\(source.byteCount) bytes"]
  }

  /// Neither data nor files to make it of.
  static func noData(in folder: String) -> CommandFailure {
    CommandFailure(
      .noInput,
      "the folder '\(folder)' holds no loaded data; name files by '--profiles' or '--events'"
    )
  }
}
