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
        ("token", () => new ApiToken { Id = "", Organization = "o", User = "u", Name = "n", Description = "d", Suffix = "s", Created = One }.Encode(),
            b => ApiToken.Decode("", b).Encode(), "0103016F05017507016E0901640B01730CE807"),
        ("policy", () => new StoredPolicy { Organization = "o", Name = "n", Document = "{}", Created = One, Updated = Two }.Encode(),
            b => StoredPolicy.Decode(b).Encode(), "0103016F05016E07027B7D08E8070AD00F"),
        ("pointer", () => new IdentityPointer("o", "u").Encode(), b => IdentityPointer.Decode(b).Encode(), "0103016F050175"),
        ("key of the ring", () => new KeyRingRecord("m", [1, 2]).Encode(), b => KeyRingRecord.Decode(b).Encode(), "0103016D05020102"),
        ("root key", () => new RootKeyRecord("i", [1, 2]).Encode(), b => RootKeyRecord.Decode(b).Encode(), "0103016905020102"),
    ];
}
