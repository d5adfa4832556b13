import Bytes

/// What stands in a folder of generated files, for people and programs.
enum Manifest {
  static func text(of files: GeneratedFiles, _ options: GeneratorOptions) -> [UInt8] {
    var writer = JSONWriter(.pretty)
    writer.beginObject()
    writer.name("about")
    writer.write(
      "Made-up customers of a made-up shop and their events of 2025, by 'covey generate'." as Text
    )
    writer.name("seed")
    writer.write(options.seed)
    writer.name("format")
    writer.write(Text(options.format.rawValue))
    writer.name("asOf")
    writer.write(Text(Generator.asOf))
    writer.name("profileKey")
    writer.write("_id" as Text)
    writer.name("eventKey")
    writer.write("profileID" as Text)
    writer.name("profiles")
    write(files.profiles, to: &writer)
    writer.name("events")
    write(files.events, to: &writer)
    writer.name("segments")
    write([files.segments], to: &writer)
    if !files.mix.isEmpty {
      writer.name("mix")
      write(files.mix, to: &writer)
    }
    writer.name("try")
    writer.write(Text(command(options)))
    writer.endObject()
    return writer.bytes + [0x0A]
  }

  /// A command that evaluates the segments over the rows, from within the folder.
  private static func command(_ options: GeneratorOptions) -> String {
    let ending = options.format.rawValue
    return "covey evaluate --profiles 'profiles*.\(ending)' --events 'events*.\(ending)' "
      + "--segments segments.json --key _id --event-key profileID --as-of \(Generator.asOf)"
  }

  private static func write(_ files: [GeneratedFile], to writer: inout JSONWriter) {
    writer.beginObject()
    writer.name("rows")
    writer.write(files.reduce(0) { $0 + $1.rowCount })
    writer.name("bytes")
    writer.write(files.reduce(0) { $0 + $1.byteCount })
    writer.name("files")
    writer.beginArray()
    for file in files {
      writer.beginObject()
      writer.name("name")
      writer.write(Text(String(file.path.split(separator: "/").last ?? "")))
      writer.name("rows")
      writer.write(file.rowCount)
      writer.name("bytes")
      writer.write(file.byteCount)
      writer.name("sha256")
      writer.write(Text(hexadecimal(file.digest)))
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
