using Tarn.Core.Acceleration;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Identity;

namespace Tarn.Tests.Golden;

/// <summary>The records of identity, for <see cref="RecordTests"/>.</summary>
internal static class IdentityRecords
{
    private static readonly DateTimeOffset One = DateTimeOffset.FromUnixTimeMilliseconds(1000);
    private static readonly DateTimeOffset Two = DateTimeOffset.FromUnixTimeMilliseconds(2000);

    /// <summary>Name, what encodes it, what decodes it and encodes it again, and the frozen bytes.</summary>
    public static readonly (string Name, Func<byte[]> Encode, Func<byte[], byte[]> Again, string Frozen)[] All =
    [
        ("organization", () => new Organization { Name = "n", CanonicalId = "c", DisplayName = "d", Email = "e", Created = One, Generation = 300 }.Encode(),
            b => Organization.Decode(b).Encode(), "0103016E0501630701640901650AE8070CAC02"),
        ("user", () => new User { Organization = "o", Name = "n", UserId = "u", DisplayName = "d", Email = "e", Groups = ["g", "h"], Created = One }.Encode(),
            b => User.Decode(b).Encode(), "0103016F05016E0701750901640B01650CE8070F01670F0168"),
        ("access key", () => new AccessKey { Id = "i", Organization = "o", User = "u", ProtectedSecret = [1, 2], Created = One, Expires = Two, DiskScope = "k" }.Encode(),
            b => AccessKey.Decode(b).Encode(), "0103016905016F070175090201020AE8070CD00F0F016B"),
        ("root user's access key", () => new AccessKey { Id = "i", Organization = "o", ProtectedSecret = [1, 2], Created = One }.Encode(),
            b => AccessKey.Decode(b).Encode(), "0103016905016F090201020AE807"),
        ("access key with a policy", () => new AccessKey { Id = "i", Organization = "o", ProtectedSecret = [1, 2], Created = One, Policy = "{}" }.Encode(),
            b => AccessKey.Decode(b).Encode(), "0103016905016F090201020AE80711027B7D"),
        ("access key with another secret", () => new AccessKey { Id = "i", Organization = "o", ProtectedSecret = [1, 2], Created = One, Rotated = Two }.Encode(),
            b => AccessKey.Decode(b).Encode(), "0103016905016F090201020AE80712D00F"),
        ("use of an access key", () => new AccessKeyUse(DateTimeOffset.FromUnixTimeSeconds(60), "a").Encode(), b => AccessKeyUse.Decode(b).Encode(), "0102E0D403050161"),
        ("token", () => new ApiToken { Id = "", Organization = "o", User = "u", Name = "n", Description = "d", Suffix = "s", Created = One }.Encode(),
            b => ApiToken.Decode("", b).Encode(), "0103016F05017507016E0901640B01730CE807"),
        ("policy", () => new StoredPolicy { Organization = "o", Name = "n", Document = "{}", Created = One, Updated = Two }.Encode(),
            b => StoredPolicy.Decode(b).Encode(), "0103016F05016E07027B7D08E8070AD00F"),
        ("pointer", () => new IdentityPointer("o", "u").Encode(), b => IdentityPointer.Decode(b).Encode(), "0103016F050175"),
        ("key of the ring", () => new KeyRingRecord("m", [1, 2]).Encode(), b => KeyRingRecord.Decode(b).Encode(), "0103016D05020102"),
        ("temporary key", () => new TemporaryKey
        {
            Id = "i", Organization = "o", Source = TemporaryKeySource.Role, Parent = "p", Holder = "h", Created = One, Expires = Two, Issuer = "j", Subject = "s", SessionName = "n", Policy = "{}",
            ParentMark = [1], IssuerMark = [2], ProtectedSecret = [3, 4], Claims = new Dictionary<string, IReadOnlyList<string>> { ["a"] = ["b", "c"] }, Attributes = [new("c", "d")],
        }.Encode(), b => TemporaryKey.Decode(b).Encode(), "0103016905016F06040901700B01680CE8070ED00F11016A13017315016E17027B7D1901011B01021D001F02030421090301610501620501632306030163050164"),
        ("session of the console", () => new TemporaryKey
        {
            Id = "i", Organization = "o", Source = TemporaryKeySource.AccessKey, Parent = "p", Holder = "h", Created = One, Expires = Two, ParentMark = [1], CookieHash = [.. Enumerable.Repeat((byte)5, 32)],
            ProofHash = [.. Enumerable.Repeat((byte)6, 32)], ProtectedSecret = [3, 4],
        }.Encode(), b => TemporaryKey.Decode(b).Encode(), "0103016905016F06010901700B01680CE8070ED00F1901011B001D001F0203042520050505050505050505050505050505050505050505050505050505050505050527200606060606060606060606060606060606060606060606060606060606060606"),
        ("issuer", () => new OidcIssuer { Organization = "o", Name = "n", Id = "i", Url = "u", JwksUrl = "j", Hosts = ["h"], Audiences = ["a"], Created = One }.Encode(),
            b => OidcIssuer.Decode(b).Encode(), "0103016F05016E0701690901750B016A0CE8070F0168110161"),
        ("issuer with conditions", () => new OidcIssuer { Organization = "o", Name = "n", Id = "i", Url = "u", Audiences = ["a"], Conditions = "{}", Created = One }.Encode(),
            b => OidcIssuer.Decode(b).Encode(), "0103016F05016E0701690901750CE80713027B7D110161"),
        ("issuer of any subject", () => new OidcIssuer { Organization = "o", Name = "n", Id = "i", Url = "u", Audiences = ["a"], AnySubject = true, Created = One }.Encode(),
            b => OidcIssuer.Decode(b).Encode(), "0103016F05016E0701690901750CE8071401110161"),
        ("issuer of the console", () => new OidcIssuer
        {
            Organization = "o", Name = "n", Id = "i", Url = "u", Audiences = ["a"], Console = new OidcConsole { ClientId = "c", Title = "t", Scopes = ["x", "y"], Role = "r", ProtectedSecret = [1, 2] }, Created = One,
        }.Encode(), b => OidcIssuer.Decode(b).Encode(), "0103016F05016E0701690901750CE80711016117130301630501740901720701780701790B020102"),
        ("role", () => new IdentityRole { Organization = "o", Name = "n", Id = "i", Issuer = "s", IssuerUrl = "u", Conditions = "{}", Policies = ["{}"], Audiences = ["a"], MaxSessionSeconds = 900, Created = One }.Encode(),
            b => IdentityRole.Decode(b).Encode(), "0103016F05016E0701690901730B027B7D0C84070EE80715017511016113027B7D"),
        ("token of an accelerator", () => new AcceleratorToken
        {
            Id = "", Name = "n", Zone = "z", Networks = AddressList.TryParse(["192.0.2.0/24"], out AddressList networks, out _) ? networks : AddressList.Any, Organizations = ["o"], Domains = ["d"], Suffix = "s", Created = One, CreatedBy = "b",
        }.Encode(), b => AcceleratorToken.Decode("", b).Encode(), "0103016E05017A07017308E8070B01620D0C3139322E302E322E302F32340F016F110164"),
        ("clear of accelerators", () => new StoredClear { Id = default, Created = 0, CreatedBy = "b", BucketId = 7, Bucket = "k", Name = "n" }.Encode(), b => StoredClear.Decode(0, default, b).Encode(), "01030162040707016B09016E"),
        ("secrets of accelerators", () => new AcceleratorSecretsRecord([1, 2]).Encode(), b => AcceleratorSecretsRecord.Decode(b).Encode(), "0103020102"),
        ("root key", () => new RootKeyRecord("i", [1, 2]).Encode(), b => RootKeyRecord.Decode(b).Encode(), "0103016905020102"),
    ];
}
