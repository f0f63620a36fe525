using Tarn.Core.Identity;
using Tarn.Core.Records;

namespace Tarn.Tests.Golden;

/// <summary>The bytes of every kind of record and key of identity, frozen.</summary>
public sealed class IdentityRecordTests
{
    private static readonly DateTimeOffset One = DateTimeOffset.FromUnixTimeMilliseconds(1000);
    private static readonly DateTimeOffset Two = DateTimeOffset.FromUnixTimeMilliseconds(2000);
    private static readonly byte[] Hash = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private static readonly (string Name, Func<byte[]> Encode, Func<byte[], byte[]> Again, string Frozen)[] Records =
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

    public static TheoryData<string> Names => [.. Records.Select(record => record.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_record_is_the_bytes_that_were_frozen_and_reads_back(string name)
    {
        var record = Records.Single(r => r.Name == name);
        Assert.Equal(record.Frozen, Convert.ToHexString(record.Encode()));
        Assert.Equal(record.Frozen, Convert.ToHexString(record.Again(Convert.FromHexString(record.Frozen))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_newer_damaged_or_cut_off_never_breaks_the_reader(string name)
    {
        var record = Records.Single(r => r.Name == name);
        byte[] whole = record.Encode();
        foreach (byte marker in new byte[] { 0, 2, 255 })
        {
            Assert.Throws<RecordFormatException>(() => record.Again([marker, .. whole[1..]]));
        }

        var random = new Random(3);
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = i < whole.Length ? whole[..i] : [.. whole];
            if (i >= whole.Length)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                record.Again(damaged);
            }
            catch (RecordFormatException)
            {
                // Refused: as good as read.
            }
        }
    }

    [Fact]
    public void Row_keys_are_the_bytes_that_were_frozen()
    {
        byte[][] keys =
        [
            Tables.OrganizationKey("o"), Tables.UserKey("o", "u"), Tables.AccessKeyKey("i"), Tables.AccessKeyByUserKey("o", "u", "i"),
            Tables.AccessKeyByUserKey("o", null, "i"), Tables.CanonicalIdKey("c"), Tables.EmailKey("A@b"), Tables.UserIdKey("o", "u"),
            Tables.ApiTokenKey(Hash), Tables.ApiTokenByUserKey("o", "u", Hash), Tables.ApiTokenByUserKey("o", null, Hash),
            Tables.OrganizationPolicyKey("o", "p"), Tables.KeyRingKey("k"), Tables.RootKeyKey(),
        ];
        Assert.Equal(
            [
                "606F",
                "616F0075",
                "6269",
                "636F00750069",
                "636F000069",
                "6463",
                "65614062",
                "666F0075",
                "670102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20",
                "686F0075000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20",
                "686F00000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20",
                "696F0070",
                "6A6B",
                "6B",
            ],
            keys.Select(Convert.ToHexString));
    }

    [Fact]
    public void A_master_key_is_derived_from_its_text_for_good()
    {
        MasterKey key = MasterKey.From("0123456789abcdef0123456789abcdef")!;
        Assert.Equal("661c0520741a4f37", key.Id);
        Assert.Equal("3EADA57E35406E736B76D9AAB34E83DAF2CBD528DCF180E94D1F29C4AFD779E2", Convert.ToHexString(key.Key));
        Assert.Null(MasterKey.From("0123456789abcdef0123456789abcde"));
    }
}
