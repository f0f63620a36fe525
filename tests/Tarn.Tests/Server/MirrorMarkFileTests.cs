using Tarn.Core;
using Tarn.Core.Mirroring;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

/// <summary>The file with a side's mark.</summary>
public sealed class MirrorMarkFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_mark_is_read_back_and_replaced()
    {
        Assert.Null(MirrorMarkFile.Find(_directory.FullPath));
        for (ulong epoch = 1; epoch < 6; epoch++)
        {
            MirrorMarkFile.Write(_directory.FullPath, Mark(epoch));
            Assert.Equal(Mark(epoch), MirrorMarkFile.Find(_directory.FullPath));
        }
    }

    [Fact]
    public void Marks_are_written_in_turn_with_the_file_that_is_open()
    {
        Assert.Null(MirrorMarkFile.TryOpen(_directory.FullPath));
        MirrorMarkFile.Write(_directory.FullPath, Mark(1));
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = MirrorMarkFile.TryOpen(_directory.FullPath)!;
        for (ulong epoch = 2; epoch < 6; epoch++)
        {
            MirrorMarkFile.Write(_directory.FullPath, file, Mark(epoch));
            Assert.Equal(Mark(epoch), MirrorMarkFile.Find(_directory.FullPath));
        }
    }

    [Fact]
    public void A_directory_with_a_mark_has_a_format_that_builds_without_the_mirror_refuse()
    {
        using (DataDirectory directory = DataDirectory.Open(_directory.FullPath, SystemRandomSource.Instance))
        {
            Assert.Equal($"{StoreFormat.Current}\n", File.ReadAllText(_directory.PathOf("format")));
            MirrorMarkFile.Write(_directory.FullPath, Mark(1));
            Assert.Equal($"{1000 + StoreFormat.Current}\n", File.ReadAllText(_directory.PathOf("format")));
            directory.RaiseFormat();
            Assert.Equal($"{1000 + StoreFormat.Current}\n", File.ReadAllText(_directory.PathOf("format")));
        }

        using (DataDirectory directory = DataDirectory.Open(_directory.FullPath, SystemRandomSource.Instance))
        {
            // Without its mark it is no side of a mirror any more.
            File.Delete(_directory.PathOf(MirrorMarkFile.Name));
            directory.RaiseFormat();
            Assert.Equal($"{StoreFormat.Current}\n", File.ReadAllText(_directory.PathOf("format")));
        }

        File.WriteAllText(_directory.PathOf("format"), $"{1001 + StoreFormat.Current}\n");
        Assert.Contains("newer than this build", Assert.Throws<StartupException>(() => DataDirectory.Open(_directory.FullPath, SystemRandomSource.Instance)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_torn_write_leaves_the_mark_before_it(ulong last)
    {
        for (ulong epoch = 1; epoch < last; epoch++)
        {
            MirrorMarkFile.Write(_directory.FullPath, Mark(epoch));
        }

        string path = _directory.PathOf(MirrorMarkFile.Name);
        byte[] before = File.ReadAllBytes(path);
        MirrorMarkFile.Write(_directory.FullPath, Mark(last));
        byte[] after = File.ReadAllBytes(path);
        int[] changed = [.. Enumerable.Range(0, after.Length).Where(at => before[at] != after[at])];
        foreach (int torn in changed[1..])
        {
            File.WriteAllBytes(path, [.. after[..torn], .. before[torn..]]);
            Assert.Equal(Mark(last - 1), MirrorMarkFile.Find(_directory.FullPath));
        }
    }

    [Fact]
    public void A_file_without_a_readable_mark_is_damaged()
    {
        File.WriteAllBytes(_directory.PathOf(MirrorMarkFile.Name), new byte[100]);
        Assert.Contains("damaged", Assert.Throws<IOException>(() => MirrorMarkFile.Find(_directory.FullPath)).Message, StringComparison.Ordinal);
    }

    private static MirrorMark Mark(ulong epoch) => new(3, 4, epoch, MirrorStanding.Alone, DateTimeOffset.FromUnixTimeSeconds((long)epoch));
}
