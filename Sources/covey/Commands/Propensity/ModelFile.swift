import Bytes
import Domain
import Platform
import Propensity

/// A model in a file, and the plan of its features in the file `features` beside it.
///
/// The model is one of Covey's, or a text of LightGBM's with a file `columns.json` that says what its
/// columns are; 'covey propensity export' writes both.
struct ModelFile {
  static let modelName = "model"
  static let lightGBMName = "model.txt"
  static let featuresName = "features"
  static let columnsName = "columns.json"
  static let instanceName = "instance.json"
  private static let byteCountMax = 256 << 20

  let model: PropensityModel
  /// The model's file as it was read.
  let bytes: [UInt8]
  let plan: [UInt8]

  init(_ path: String) throws {
    bytes = try Self.read(path)
    model = try Self.model(bytes, path)
    plan = try Self.read(Self.file(Self.featuresName, beside: path))
  }

  private static func model(_ bytes: [UInt8], _ path: String) throws -> PropensityModel {
    do {
      guard bytes.starts(with: "tree".utf8) else { return try PropensityModel(decoding: bytes) }
      let file = self.file(columnsName, beside: path)
      return try PropensityModel(
        lightGBM: bytes,
        columns: ModelColumns.read(read(file), from: file)
      )
    } catch let error as ModelError {
      throw CommandFailure(.data, "'\(path)': \(error)")
    } catch let error as LightGBMError {
      throw CommandFailure(.data, "'\(path)': \(error)")
    }
  }

  private static func read(_ path: String) throws -> [UInt8] {
    try StreamInput(path).readAll(byteCountMax: byteCountMax)
  }

  /// The instance that a model is of, where its file is there.
  static func instance(beside model: String) throws -> Value? {
    try Value.parse(json: read(file(instanceName, beside: model)))
  }

  private static func file(_ name: String, beside model: String) -> String {
    guard let slash = model.lastIndex(of: "/") else { return name }
    return String(model[...slash]) + name
  }
}

/// What the columns of a LightGBM model are, as a JSON file.
enum ModelColumns {
  static func json(_ columns: [LightGBMFeature]) -> [UInt8] {
    let columns = columns.map { column in
      var members: [(Text, Value)] = [("name", .string(column.name))]
      if let categories = column.categories {
        members.append(("categories", .array(categories.map { .string($0) })))
      }
      return Value.object(members)
    }
    return Value.object([("columns", .array(columns))]).json(.pretty) + [0x0A]
  }

  static func read(_ bytes: [UInt8], from path: String) throws(CommandFailure) -> [LightGBMFeature]
  {
    let document: Value?
    do throws(JSONError) {
      document = try Value.parse(json: bytes)
    } catch {
      throw CommandFailure(.data, "'\(path)': \(error)")
    }
    func failure(_ place: String, _ expected: String) -> CommandFailure {
      CommandFailure(.data, "'\(path)': the field '\(place)' has to be \(expected)")
    }
    guard let columns = document?["columns"]?.elements else {
      throw failure("columns", "a list of objects with a 'name' each")
    }
    var features: [LightGBMFeature] = []
    for (index, column) in columns.enumerated() {
      guard let name = column["name"]?.text else {
        throw failure("columns[\(index)].name", "a text")
      }
      var feature = LightGBMFeature(name: name)
      if let value = column["categories"] {
        let texts = value.elements?.compactMap(\.text)
        guard let texts, texts.count == value.elements?.count else {
          throw failure("columns[\(index)].categories", "a list of texts")
        }
        feature.categories = texts
      }
      features.append(feature)
    }
    return features
  }
}
