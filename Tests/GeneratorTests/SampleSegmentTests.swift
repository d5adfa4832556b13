import Bytes
import Domain
import Generator
import PQL
import Platform
import Testing

@Suite struct SampleSegmentTests {
  @Test(arguments: GeneratorFormat.allCases)
  func `each definition is sound and has some members, but not all`(
    format: GeneratorFormat
  ) throws {
    let folder = try GeneratedFolder(profiles: 300, events: 3_000, seed: 7, format: format)
    let profiles = try folder.imported()
    let now = try #require(TimeText(Text(Generator.asOf))).instant
    let document = try Value.parse(json: try LinuxDisk().read(folder.files.segments.path))
    let definitions = try #require(document?.elements)

    var members: [Text: Set<ProfileKey>] = [:]
    for definition in definitions {
      let id = try #require(definition["id"]?.text)
      #expect(Name(id) != nil)
      let expression = try #require(definition["expression"]?["value"]?.text)
      let interpreter = ReferenceInterpreter(try CheckedQuery(expression))
      let known = members
      var found: Set<ProfileKey> = []
      for (key, profile) in profiles {
        // A definition stands behind those it refers to.
        let context = EvaluationContext(now: now) { known[$0]?.contains(key) }
        if try interpreter.isMember(profile, in: context) { found.insert(key) }
      }
      #expect(!found.isEmpty, "\(id)")
      #expect(found.count < profiles.count, "\(id)")
      #expect(members.updateValue(found, forKey: id) == nil, "\(id) comes twice")
    }

    #expect(profiles.count == 300)
    #expect(members.count == definitions.count)
    #expect(members.count >= 24)
  }
}
