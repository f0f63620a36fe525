using Tarn.Core;
using Tarn.Server.Configuration;
using Tarn.Server.Storage;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Server;

public sealed class DataDirectoryTests
{
    [Fact]
    public void A_second_server_is_refused()
    {
        using var directory = new TemporaryDirectory();
        using (DataDirectory.Open(directory.PathOf("d"), SystemRandomSource.Instance))
        {
            string message = Assert.Throws<StartupException>(() => DataDirectory.Open(directory.PathOf("d"), SystemRandomSource.Instance)).Message;
            Assert.Equal($"the data directory {directory.PathOf("d")} is in use by another server (its process id is in tarn.lock)", message);
        }

        DataDirectory.Open(directory.PathOf("d"), SystemRandomSource.Instance).Dispose();
    }

    [Theory]
    [InlineData("8\n", "newer than this build reads")]
    [InlineData("4\n", "has format 4, which no version of Tarn has")]
    [InlineData("", "not a format version")]
    public void A_format_that_this_build_does_not_know_is_refused(string content, string message)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.PathOf("format"), content);
        Assert.Contains(message, Assert.Throws<StartupException>(() => DataDirectory.Open(directory.FullPath, SystemRandomSource.Instance)).Message, StringComparison.Ordinal);
        File.WriteAllText(directory.PathOf("format"), "1\n");
        DataDirectory.Open(directory.FullPath, SystemRandomSource.Instance).Dispose();
    }

    [Fact]
    public void A_new_directory_gets_its_layout()
    {
        using var directory = new TemporaryDirectory();
        using DataDirectory data = DataDirectory.Open(directory.PathOf("a/b"), SystemRandomSource.Instance);
        Assert.True(Directory.Exists(data.Metadata) && Directory.Exists(data.Blobs));
        Assert.Equal("7\n", File.ReadAllText(directory.PathOf("a/b/format")));
    }

    [Fact]
    public void An_older_format_is_raised_only_when_that_is_asked_for()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.PathOf("format"), "1\n");
        using DataDirectory data = DataDirectory.Open(directory.FullPath, SystemRandomSource.Instance);
        Assert.Equal("1\n", File.ReadAllText(directory.PathOf("format")));
        data.RaiseFormat();
        Assert.Equal("7\n", File.ReadAllText(directory.PathOf("format")));
    }

    [Fact]
    public void What_cannot_be_a_directory_is_refused()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.PathOf("file"), "");
        Assert.StartsWith(
            $"cannot use the data directory {directory.PathOf("file")}: ",
            Assert.Throws<StartupException>(() => DataDirectory.Open(directory.PathOf("file"), SystemRandomSource.Instance)).Message,
            StringComparison.Ordinal);
    }
}
