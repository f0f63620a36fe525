using System.Diagnostics;
using System.Globalization;
using System.Net;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;

namespace Tarn.Clients.Faults;

/// <summary>The real server on a file system that another process has filled. Needs the right to mount an image.</summary>
public sealed class FullDiskServerTests : IDisposable
{
    private const string Bucket = "full";

    private readonly TemporaryDirectory _directory = new("full");
    private bool _mounted;

    private string Disk => _directory.PathOf("disk");

    public void Dispose()
    {
        if (_mounted)
        {
            Assert.True(Run("umount", Disk));
        }

        _directory.Dispose();
    }

    [Fact]
    public async Task A_disk_without_a_free_byte_takes_deletes_and_a_restart()
    {
        Mount();
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { DataDirectory = Path.Combine(Disk, "data") });
        using var client = new RawS3Client(server.Endpoint);
        await FillAsync(client);
        TakeBytes();
        await AssertOnlyDeletesAsync(client, 0);
        await server.StopAsync();
        await server.RestartAsync();
        await AssertOnlyDeletesAsync(client, 100);
        File.Delete(Path.Combine(Disk, "filler"));
        (await client.PutAsync(Bucket, "again", new byte[100_000])).Expect();
    }

    [Fact]
    public async Task A_disk_without_a_free_inode_takes_deletes_and_a_restart()
    {
        Mount("-N", "4096");
        await using var server = await TarnServer.StartAsync(new TarnServerOptions { DataDirectory = Path.Combine(Disk, "data") });
        using var client = new RawS3Client(server.Endpoint);
        await FillAsync(client);
        TakeInodes();
        await AssertOnlyDeletesAsync(client, 0);
        TakeInodes();
        await server.StopAsync();
        TakeInodes();
        await server.RestartAsync();
        await AssertOnlyDeletesAsync(client, 100);
    }

    private static async Task FillAsync(RawS3Client client)
    {
        await client.CreateBucketAsync(Bucket);
        await client.CreateBucketAsync("empty");
        for (var i = 0; i < 200; i++)
        {
            (await client.PutAsync(Bucket, Key(i), new byte[i % 20 == 0 ? 50_000 : 2000])).Expect();
        }
    }

    private static async Task AssertOnlyDeletesAsync(RawS3Client client, int from)
    {
        // Additions are refused, overwrites and copies too; they must not use up the space that deletes need.
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await client.PutAsync(Bucket, "new", new byte[10])).Status);
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await client.PutAsync(Bucket, "new", new byte[100_000])).Status);
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await client.PutAsync(Bucket, Key(from), new byte[10])).Status);
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await client.PutAsync(Bucket, Key(from), Array.Empty<byte>())).Status);
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await client.CopyAsync(Bucket, Key(from), Key(from + 1))).Status);
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await client.SendAsync(HttpMethod.Put, "another")).Status);
        for (var i = from; i < from + 100; i++)
        {
            (await client.GetAsync(Bucket, Key(i))).Expect();
            Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(Bucket, Key(i))).Status);
        }

        if (from == 0)
        {
            Assert.Equal(HttpStatusCode.NoContent, (await client.SendAsync(HttpMethod.Delete, "empty")).Status);
        }
    }

    private static string Key(int i) => string.Create(CultureInfo.InvariantCulture, $"key{i:d3}");

    private void TakeBytes()
    {
        // All but the space that the allocation's own metadata takes, and then the rest bit by bit.
        var free = new DriveInfo(Disk).AvailableFreeSpace - (1 << 20);
        Assert.True(Run("fallocate", "-l", free.ToString(CultureInfo.InvariantCulture), Path.Combine(Disk, "filler")));
        using var rest = File.OpenHandle(Path.Combine(Disk, "rest"), FileMode.Create, FileAccess.Write);
        try
        {
            for (long at = 0; ; at += 4096)
            {
                RandomAccess.Write(rest, new byte[4096], at);
            }
        }
        catch (IOException)
        {
            Assert.Equal(0, new DriveInfo(Disk).AvailableFreeSpace);
        }
    }

    private void TakeInodes()
    {
        var files = Directory.CreateDirectory(Path.Combine(Disk, "files")).FullName;
        try
        {
            while (true)
            {
                File.Create(Path.Combine(files, Guid.NewGuid().ToString()), 1).Dispose();
            }
        }
        catch (IOException)
        {
            // None is left.
        }
    }

    private void Mount(params string[] options)
    {
        var image = _directory.PathOf("image");
        using (var file = File.Create(image))
        {
            file.SetLength(1 << 30);
        }

        Directory.CreateDirectory(Disk);
        _mounted = Run("mkfs.ext4", ["-q", "-F", "-m", "0", .. options, image]) && Run("mount", "-o", "loop", image, Disk);
        Assert.SkipUnless(_mounted, "An ext4 image cannot be mounted here.");
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // The program is not there.
        }
    }
}
