using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Reading;
using Tarn.TestKit.Http;
using Tarn.Tests.Control;
using Tarn.Tests.Sharing;

namespace Tarn.Tests.Disks;

/// <summary>Disks over HTTP whose file systems are unmounted and come back. Needs the right to mount.</summary>
public sealed class UnmountedTreeTests : IDisposable
{
    private readonly DiskFixture _files = new();
    private readonly Stack<string> _mounted = new();
    private readonly bool _canMount;

    public UnmountedTreeTests() => _canMount = Mount("-t", "tmpfs", "-o", "size=4m", "tarn-tree", _files.Tree);

    public void Dispose()
    {
        while (_mounted.TryPop(out string? point))
        {
            Assert.True(Run("umount", "-l", point));
        }

        _files.Dispose();
    }

    [Fact]
    public async Task A_tree_that_is_not_mounted_is_unavailable_and_never_empty()
    {
        Assert.SkipUnless(_canMount, "A file system cannot be mounted here.");
        await using DiskServer server = await DiskServer.StartAsync(_files);
        server.Write("a/file", "kept");
        await ServedAsync(server);

        Unmount();
        await RefusedAsync(server);
        Assert.Single(_files.Mounts, told => told.Notice == MountNotice.NotServed && told.Text.Contains("tmpfs from tarn-tree", StringComparison.Ordinal));

        // Another one in its place is no better; the same one is served, empty if that is what it is.
        Assert.True(Mount("-t", "tmpfs", "-o", "size=4m", "tarn-other", _files.Tree));
        await RefusedAsync(server);
        Unmount();
        Assert.True(Mount("-t", "tmpfs", "-o", "size=4m", "tarn-tree", _files.Tree));
        server.Write("a/file", "kept");
        await ServedAsync(server);
        Assert.Equal(MountNotice.ServedAgain, _files.Mounts[^1].Notice);

        Unmount();
        server.Write("a/file", "below");
        await RefusedAsync(server);
        await _files.Store.AcceptMountsAsync(server.Disk, DiskFixture.Token);
        await ServedAsync(server);
    }

    [Fact]
    public async Task Requests_that_are_refused_are_counted()
    {
        Assert.SkipUnless(_canMount, "A file system cannot be mounted here.");
        long counted = -1;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "tarn.disk.refused")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => counted = value);
        listener.Start();
        await using DiskServer server = await DiskServer.StartAsync(_files);
        server.Write("a/file", "kept");
        await ServedAsync(server);
        listener.RecordObservableInstruments();
        long before = counted;
        Assert.True(before >= 0);
        Unmount();
        await RefusedAsync(server);
        listener.RecordObservableInstruments();
        Assert.InRange(counted - before, 10, long.MaxValue);
    }

    [Fact]
    public async Task What_is_mounted_below_the_root_or_above_it_counts_too()
    {
        Assert.SkipUnless(_canMount, "A file system cannot be mounted here.");
        string below = Path.Combine(_files.Tree, "a");
        Directory.CreateDirectory(below);
        Assert.True(Mount("-t", "tmpfs", "-o", "size=4m", "tarn-below", below));
        await using DiskServer server = await DiskServer.StartAsync(_files);
        server.Write("a/file", "kept");
        await ServedAsync(server);
        Disk inside = (await _files.Catalog.AttachAsync("org", "inside", Path.Combine(_files.Tree, "a"), DiskFixture.Token))!;
        Directory.CreateDirectory(Path.Combine(below, "dir"));
        Disk deep = (await _files.Catalog.AttachAsync("org", "deep", Path.Combine(below, "dir"), DiskFixture.Token))!;
        Unmount();
        Directory.CreateDirectory(Path.Combine(below, "dir"));
        await RefusedAsync(server);
        foreach (Disk other in new[] { inside, deep })
        {
            await Assert.ThrowsAsync<Core.Errors.S3Exception>(() => _files.AllAsync(other, new DiskQuery()));
        }

        Assert.True(Mount("-t", "tmpfs", "-o", "size=4m", "tarn-below", below));
        server.Write("a/file", "kept");
        await ServedAsync(server);
    }

    [Fact]
    public async Task A_bind_mount_is_the_directory_that_it_shows()
    {
        Assert.SkipUnless(_canMount, "A file system cannot be mounted here.");
        string shown = Path.Combine(_files.Tree, "shown");
        string one = Path.Combine(_files.Tree, "one");
        string two = Path.Combine(_files.Tree, "two");
        foreach (string directory in new[] { shown, one, two })
        {
            Directory.CreateDirectory(directory);
            await File.WriteAllTextAsync(Path.Combine(directory, "file"), directory, DiskFixture.Token);
        }

        Assert.True(Mount("--bind", one, shown));
        Disk disk = (await _files.Catalog.AttachAsync("org", "bound", shown, DiskFixture.Token))!;
        Assert.NotNull(await _files.ReadAsync(disk, "file"));
        Unmount();
        await Assert.ThrowsAsync<Core.Errors.S3Exception>(() => _files.ReadAsync(disk, "file"));
        Assert.True(Mount("--bind", two, shown));
        await Assert.ThrowsAsync<Core.Errors.S3Exception>(() => _files.ReadAsync(disk, "file"));
        Unmount();
        Assert.True(Mount("--bind", one, shown));
        Assert.NotNull(await _files.ReadAsync(disk, "file"));

        // A service that is started with its directories mounted on themselves sees what it saw without.
        Disk plain = (await _files.Catalog.AttachAsync("org", "plain", two, DiskFixture.Token))!;
        Assert.True(Mount("--bind", two, two));
        Assert.NotNull(await _files.ReadAsync(plain, "file"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("below")]
    public async Task A_made_tree_that_something_is_mounted_in_is_not_removed(string below)
    {
        Assert.SkipUnless(_canMount, "A file system cannot be mounted here.");
        Disk disk = (await _files.Catalog.CreateAsync("org", "made", DiskFixture.Token))!;
        string point = Path.Combine(disk.RootPath, below);
        Directory.CreateDirectory(point);
        Assert.True(Mount("-t", "tmpfs", "-o", "size=4m", "tarn-below", point));
        await File.WriteAllTextAsync(Path.Combine(point, "file"), "kept", DiskFixture.Token);
        await Assert.ThrowsAsync<DiskRefusedException>(async () => await _files.Catalog.DeleteAsync(disk.Id, DiskFixture.Token));
        Assert.True(File.Exists(Path.Combine(point, "file")));
        Assert.NotNull(await _files.Catalog.FindAsync(disk.Id, DiskFixture.Token));
        Unmount();
        Assert.True(await _files.Catalog.DeleteAsync(disk.Id, DiskFixture.Token));
        Assert.False(Directory.Exists(disk.RootPath));
    }

    [Fact]
    public async Task A_file_system_on_a_device_is_known_by_its_uuid()
    {
        string[] images = [Path.Combine(_files.Outside, "one.img"), Path.Combine(_files.Outside, "two.img")];
        foreach (string image in images)
        {
            await using (FileStream file = File.Create(image))
            {
                file.SetLength(8 << 20);
            }

            Assert.SkipUnless(Run("mkfs.ext4", "-q", image), "A file system cannot be made here.");
        }

        Assert.SkipUnless(Mount("-o", "loop", images[0], _files.Tree), "A device cannot be mounted here.");
        await File.WriteAllTextAsync(Path.Combine(_files.Tree, "file"), "x", DiskFixture.Token);
        Disk disk = await _files.AttachAsync();
        Assert.NotNull(await _files.ReadAsync(disk, "file"));
        Unmount();

        // Most likely on the same device, whose name says nothing.
        Assert.True(Mount("-o", "loop", images[1], _files.Tree));
        await File.WriteAllTextAsync(Path.Combine(_files.Tree, "file"), "x", DiskFixture.Token);
        await Assert.ThrowsAsync<Core.Errors.S3Exception>(() => _files.ReadAsync(disk, "file"));
        string elsewhere = Path.Combine(_files.Outside, "elsewhere");
        Directory.CreateDirectory(elsewhere);
        Unmount();

        // And on another one.
        Assert.True(Mount("-o", "loop", images[1], elsewhere));
        Assert.True(Mount("-o", "loop", images[0], _files.Tree));
        Assert.NotNull(await _files.ReadAsync(disk, "file"));
        Assert.Equal(2, _files.Mounts.Count);
    }

    [Fact]
    public async Task Links_and_the_control_api_say_so_too_and_a_change_is_accepted_there()
    {
        Assert.SkipUnless(_canMount, "A file system cannot be mounted here.");
        await using SharingServer server = await SharingServer.StartAsync();
        Signer acme = await server.OrganizationAsync("acme");
        Assert.True(Mount("-t", "tmpfs", "-o", "size=4m", "tarn-tree", server.OpenRoot));
        int mounted = _mounted.Count;
        try
        {
            server.Write("f", [1, 2, 3]);
            string id = await server.AttachAsync(acme);
            (Uri url, _) = await server.ShareAsync(acme, id, "f");
            Assert.Equal(HttpStatusCode.OK, (await server.UseAsync(url)).StatusCode);
            Unmount();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.UseAsync(url)).StatusCode);
            await server.RefusalAsync(503, acme, "POST", $"/api/disks/{id}/share", """{"key":"f"}""");

            // A requester who may not see the disk cannot accept anything, and only the operator sees sources.
            await server.RefusalAsync(404, await server.OrganizationAsync("other"), "POST", $"/api/disks/{id}/accept");
            JsonElement systems = (await server.DataAsync(acme, "POST", $"/api/disks/{id}/accept")).GetProperty("fileSystems");
            Assert.Equal((1, "", false), (systems.GetArrayLength(), systems[0].GetProperty("path").GetString(), systems[0].TryGetProperty("description", out _)));
            server.Write("f", [4]);
            Assert.Equal(HttpStatusCode.OK, (await server.UseAsync(url)).StatusCode);
            systems = (await server.DataAsync(SharingServer.Root, "POST", $"/api/disks/{id}/accept")).GetProperty("fileSystems");
            Assert.Contains("mounted at /", systems[0].GetProperty("description").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            while (_mounted.Count >= mounted)
            {
                Unmount();
            }
        }
    }

    private static async Task ServedAsync(DiskServer server)
    {
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("a/file")).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.HeadAsync("a/file")).Status);
        Assert.Contains("a/file", (await server.QueryAsync(null, ("list-type", "2"))).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.SendAsync(HttpMethod.Head, server.Bucket)).Status);
    }

    private static async Task RefusedAsync(DiskServer server)
    {
        RawS3Response[] answers =
        [
            await server.GetAsync("a/file"), await server.GetAsync("not-there"), await server.HeadAsync("a/file"), await server.HeadAsync("not-there"),
            await server.QueryAsync(null, ("list-type", "2")), await server.QueryAsync(null), await server.QueryAsync(null, ("list-type", "2"), ("delimiter", "/")),
            await server.QueryAsync(null, ("list-type", "2"), ("max-keys", "0")), await server.QueryAsync(null, ("list-type", "2"), ("prefix", "a/")),
            await server.Client.SendAsync(HttpMethod.Head, server.Bucket),
        ];
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status));
    }

    private bool Mount(params string[] arguments)
    {
        bool done = Run("mount", arguments);
        if (done)
        {
            _mounted.Push(arguments[^1]);
        }

        return done;
    }

    // The server closes a file after its last byte was sent, so it may still be open for a moment.
    private void Unmount() => Assert.True(Run("umount", "-l", _mounted.Pop()));

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process? process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
