/// The words that rows are made of; none needs an escape in JSON or quotes in CSV.
struct Words: Sendable {
  struct Place: Sendable {
    var city: [UInt8]
    var region: [UInt8]
    var country: [UInt8]

    init(_ city: String, _ region: String, _ country: String) {
      self.city = Array(city.utf8)
      self.region = Array(region.utf8)
      self.country = Array(country.utf8)
    }
  }

  let firstNames = Words.list(
    """
    Amelia Noah Zoë Lucas Mia José Hannah Elif Oliver Aisha Mateo Ingrid Łukasz Chloé Arjun Sofia \
    Björn Grace Kenji Fatima Leo Nora Dmitri Yuki Emma Samuel Priya Jonas Aoife Omar Clara Felix \
    Mei Anton Ruth Carlos Eva Malik Ida Tomás Ada Henrik Laila Victor Rosa Ben 李娜 Σοφία
    """
  )
  let lastNames = Words.list(
    """
    Smith Müller García Rossi Nguyen Johansson Tremblay Kowalski Okafor Tanaka Brown Dubois Silva \
    Novák Ivanova Haddad O'Brien Larsen Fernández Schmidt Kim Wilson Moreau Costa Patel Jensen \
    Murphy Bianchi Yilmaz Walker Lefèvre Andersson Singh Hughes Romero Weber Gagnon Marino Chen Ali
    """
  )
  let domains = Words.list("example.com example.net example.org mail.example post.example")
  let genders = Words.list("female male non_specific")
  let tiers = Words.list("none bronze silver gold platinum")
  let interests = Words.list("running camping yoga cycling climbing swimming travel cooking")
  let devices = Words.list("mobile desktop tablet")
  let campaigns = Words.list(
    """
    email-newsletter email-winter email-launch search-brand search-generic social-video \
    social-story display-retarget affiliate-blog
    """
  )
  let searches = [
    "running shoes", "rain jacket", "yoga mat", "tent", "gift", "water bottle", "bike light",
    "wool socks", "backpack 40l", "sale",
  ].map { Array($0.utf8) }
  let places = [
    Place("London", "England", "GB"), Place("Toronto", "Ontario", "CA"),
    Place("New York", "New York", "US"), Place("Berlin", "Berlin", "DE"),
    Place("Paris", "Île-de-France", "FR"), Place("Chicago", "Illinois", "US"),
    Place("Montréal", "Québec", "CA"), Place("Sydney", "New South Wales", "AU"),
    Place("Austin", "Texas", "US"), Place("Madrid", "Comunidad de Madrid", "ES"),
    Place("Köln", "Nordrhein-Westfalen", "DE"), Place("Leeds", "England", "GB"),
    Place("Seattle", "Washington", "US"), Place("Göteborg", "Västra Götaland", "SE"),
    Place("Tōkyō", "Tōkyō-to", "JP"), Place("São Paulo", "São Paulo", "BR"),
  ]

  private static func list(_ text: String) -> [[UInt8]] {
    text.utf8.split(separator: UInt8(ascii: " ")).map { Array($0) }
  }
}
