using Tarn.Core.Identity;
using Tarn.Core.Records;

namespace Tarn.Tests.Golden;

/// <summary>The bytes of the row keys of identity, and the derivation of the master key, frozen.</summary>
public sealed class IdentityKeyTests
{
    private static readonly byte[] Hash = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    public void Row_keys_are_the_bytes_that_were_frozen()
    {
        byte[][] keys =
        [
            Tables.OrganizationKey("o"), Tables.UserKey("o", "u"), Tables.AccessKeyKey("i"), Tables.AccessKeyByUserKey("o", "u", "i"),
            Tables.AccessKeyByUserKey("o", null, "i"), Tables.CanonicalIdKey("c"), Tables.EmailKey("A@b"), Tables.UserIdKey("o", "u"),
            Tables.ApiTokenKey(Hash), Tables.ApiTokenByUserKey("o", "u", Hash), Tables.ApiTokenByUserKey("o", null, Hash),
            Tables.OrganizationPolicyKey("o", "p"), Tables.KeyRingKey("k"), Tables.RootKeyKey(),
            Tables.TemporaryKeyKey("i"), Tables.TemporaryKeyByExpiryKey(263, "i"), Tables.TemporaryKeyByHolderKey("o", "h", 263, "i"), Tables.IssuerKey("o", "n"), Tables.RoleKey("o", "n"),
            Tables.AcceleratorTokenKey(Hash), Tables.AcceleratorSecretKey(), Tables.AcceleratorClearKey(263, new Core.Model.Id128(1, 2)),
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
                "6D69",
                "6E000000000000010769",
                "6F6F006800000000000000010769",
                "776F006E",
                "786F006E",
                "800102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20",
                "81",
                "82000000000000010700000000000000010000000000000002",
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
