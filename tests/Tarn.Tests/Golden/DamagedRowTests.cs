using System.Reflection;
using System.Text.RegularExpressions;
using Tarn.Core.Objects;
using Tarn.Core.Records;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Golden;

/// <summary>A row whose value does not decode is reported with its table and key, whatever its bytes are.</summary>
public sealed partial class DamagedRowTests
{
    private static readonly byte[] Key = Tables.CurrentKey(0x61, "a b\\c/é"u8);

    public static TheoryData<string> Names => [.. RecordTests.Records.Select(static record => record.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_bytes_decode_or_name_the_row(string name)
    {
        (_, Func<byte[]> encode, Func<byte[], byte[]> again, _) = RecordTests.Records.Single(record => record.Name == name);
        byte[] whole = encode();
        int refused = 0;
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] flipped = [.. whole];
            flipped[i] ^= (byte)(1 << (i % 8));
            byte[] zeroed = [.. whole];
            zeroed.AsSpan(i).Clear();
            foreach (byte[] damaged in (byte[][])[flipped, zeroed, whole[..i], [.. whole, (byte)i, 0xFF]])
            {
                try
                {
                    Rows.Decode(Key, damaged, bytes => again(bytes.ToArray()));
                }
                catch (RecordFormatException e)
                {
                    refused++;
                    Assert.StartsWith(@"The row Current \x00\x00\x00\x00\x00\x00\x00aa\x20b\x5cc/\xc3\xa9 does not decode: ", e.Message, StringComparison.Ordinal);
                    Assert.NotNull(e.InnerException);
                }
            }
        }

        Assert.True(refused > 0);
    }

    [Fact]
    public void Every_table_has_a_name()
    {
        FieldInfo[] tables = [.. typeof(Tables).GetFields(BindingFlags.Public | BindingFlags.Static).Where(static field => field is { IsLiteral: true } && field.FieldType == typeof(byte))];
        Assert.NotEmpty(tables);
        Assert.All(tables, table => Assert.Equal($"{table.Name} k", Tables.Describe([(byte)table.GetRawConstantValue()!, (byte)'k'])));
        Assert.Equal("0xfe k", Tables.Describe([0xFE, (byte)'k']));
        Assert.Equal("(empty key)", Tables.Describe([]));
    }

    [Fact]
    public void Records_are_decoded_with_their_keys_only()
    {
        // In an expression that is itself passed to Rows, or to what passes it on, it is fine.
        string[] bare =
        [
            .. Directory.EnumerateFiles(Path.Combine(RepositoryLayout.Root, "src"), "*.cs", SearchOption.AllDirectories)
                .SelectMany(static path => File.ReadAllLines(path).Where(static line => Bare().IsMatch(line)).Select(line => $"{Path.GetFileName(path)}: {line.Trim()}")),
        ];
        Assert.Empty(bare);
        Assert.Matches(Bare(), $"x = {nameof(ObjectRecord)}.Decode(bytes);");
    }

    [GeneratedRegex(@"(?<!=> \[?)\b(\w+Record|\w+Pointer|ManifestChunk|\w+Cursor|Organization|User|AccessKey|StoredPolicy|ApiToken)\.Decode\(")]
    private static partial Regex Bare();
}
