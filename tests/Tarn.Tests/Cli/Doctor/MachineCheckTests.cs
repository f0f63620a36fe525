using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Tarn.Backends.Files;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Connections;
using Tarn.TestKit.Hosting;
using Tarn.TestKit.Servers;

namespace Tarn.Tests.Cli.Doctor;

/// <summary>What the doctor finds on a machine.</summary>
public sealed class MachineCheckTests : IDisposable
{
    private const long Gib = 1L << 30;

    private readonly Examination _examination = new();

    public void Dispose() => _examination.Dispose();

    [Theory]
    [InlineData("ext4", "rw", Verdict.Ok, "is on ext4 (/dev/sda1 on /)")]
    [InlineData("xfs", "rw", Verdict.Ok, "is on xfs")]
    [InlineData("xfs", "ro", Verdict.Problem, "mounted read-only")]
    [InlineData("tmpfs", "rw", Verdict.Problem, "in memory")]
    [InlineData("overlay", "rw", Verdict.Warning, "a container's own layer")]
    [InlineData("nfs4", "rw", Verdict.Warning, "on a network")]
    [InlineData("fuse.sshfs", "rw", Verdict.Warning, "on a network")]
    [InlineData("exfat", "rw", Verdict.Warning, "not tested")]
    internal async Task The_type_of_a_file_system_decides(string type, string options, Verdict verdict, string found)
    {
        _examination.Tell("self/mountinfo", $"22 1 8:1 / / {options},noatime shared:1 - {type} /dev/sda1 rw\n23 22 0:5 / /proc rw shared:2 - proc proc rw\n");
        await _examination.ExpectAsync(new FileSystemCheck(), verdict, found);
    }

    [Fact]
    public async Task Each_file_system_of_a_store_is_looked_at_and_names_with_spaces_are_read()
    {
        string odd = _examination.PathOf("data");
        Directory.CreateDirectory(odd);
        _examination.Tell("self/mountinfo", $"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 22 8:2 / {odd}/blobs rw - tmpfs none rw\n41 22 8:3 / /with\\040space rw - xfs none rw\n");
        IReadOnlyList<Finding> findings = await _examination.RunAsync(new FileSystemCheck());
        Assert.Equal([Verdict.Ok, Verdict.Problem], findings.Select(finding => finding.Verdict));
        Assert.Equal("/with space", MountPoint.Of("/with space/data", _examination.Examined.Proc)!.Point);
    }

    [Fact]
    public async Task Without_a_mount_table_file_systems_are_not_judged() => Assert.All(await _examination.RunAsync(new FileSystemCheck()), finding => Assert.Equal(Verdict.Skipped, finding.Verdict));

    [Theory]
    [InlineData(50 * Gib, 100 * Gib, 900, Verdict.Ok, Verdict.Ok)]
    [InlineData(4 * Gib, 100 * Gib, 900, Verdict.Warning, Verdict.Ok)]
    [InlineData(1 * Gib, 8 * Gib, 900, Verdict.Warning, Verdict.Ok)]
    [InlineData(100L << 20, 8 * Gib, 900, Verdict.Problem, Verdict.Ok)]
    [InlineData(50 * Gib, 100 * Gib, 45, Verdict.Ok, Verdict.Warning)]
    [InlineData(50 * Gib, 100 * Gib, 20, Verdict.Ok, Verdict.Problem)]
    internal async Task Little_space_or_few_inodes_are_said(long free, long total, long inodes, Verdict bytes, Verdict files)
    {
        IReadOnlyList<Finding> findings = await _examination.RunAsync(new SpaceCheck(_ => new FileSystemSpace(free, 1000, inodes, 0) { TotalBytes = total }));
        Assert.Equal([bytes, files], findings.Select(finding => finding.Verdict));
    }

    [Fact]
    public async Task The_space_of_each_file_system_of_a_mirror_is_looked_at()
    {
        string mirror = _examination.PathOf("mirror");
        Directory.CreateDirectory(Path.Combine(mirror, "blobs"));
        _examination.Set(new() { ["--mirror"] = [mirror] });
        var check = new SpaceCheck(path => new FileSystemSpace(path.EndsWith("blobs", StringComparison.Ordinal) ? 1 : 50 * Gib, 0, 0, 0) { TotalBytes = 100 * Gib, Id = path.StartsWith(mirror, StringComparison.Ordinal) ? path.Length : 1 });
        IReadOnlyList<Finding> findings = await _examination.RunAsync(check);
        Assert.Equal([Verdict.Ok, Verdict.Ok, Verdict.Problem], findings.Select(static finding => finding.Verdict));
        Assert.EndsWith($"are free for {mirror}", findings[1].Found, StringComparison.Ordinal);
        Assert.Contains($"are free for {Path.Combine(mirror, "blobs")}", findings[2].Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inodes_that_are_not_limited_are_not_counted() =>
        await _examination.ExpectAsync(new SpaceCheck(static _ => new FileSystemSpace(50 * Gib, 0, 0, 0) { TotalBytes = 100 * Gib }), Verdict.Ok, "50.0 GiB of 100.0 GiB are free");

    [Theory]
    [InlineData(true, Verdict.Ok, "is synchronized")]
    [InlineData(false, Verdict.Warning, "nothing keeps the clock right")]
    [InlineData(null, Verdict.Skipped, "does not tell")]
    internal async Task What_the_kernel_says_of_its_clock_is_said(bool? synchronized, Verdict verdict, string found) =>
        await _examination.ExpectAsync(new ClockCheck(() => synchronized), verdict, found);

    [Fact]
    public async Task Files_of_the_future_show_that_the_clock_went_back()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _examination.Examined = _examination.Examined with { Time = time };
        Directory.CreateDirectory(_examination.Examined.Metadata);
        string file = Path.Combine(_examination.Examined.Metadata, "000001.log");
        File.WriteAllText(file, "");
        File.SetLastWriteTimeUtc(file, time.GetUtcNow().AddSeconds(30).UtcDateTime);
        await _examination.ExpectAsync(new ClockCheck(static () => true), Verdict.Ok, "is synchronized");
        File.SetLastWriteTimeUtc(file, time.GetUtcNow().AddHours(1).UtcDateTime);
        await _examination.ExpectAmongAsync(new ClockCheck(static () => true), Verdict.Problem, "the clock was ahead then, or is behind now");
    }

    [Fact]
    public void The_kernels_clock_can_be_asked() => Assert.NotNull(FileFacts.IsClockSynchronized());

    [Theory]
    [InlineData("0100007F:2328", "127.0.0.1:9000", "another program listens")]
    [InlineData("00000000:2328", "127.0.0.1:9000", "another program listens")]
    [InlineData("0100007F:2328", ":9000", "another program listens")]
    [InlineData("0100007F:2328", "localhost:9000", "another program listens")]
    [InlineData("00000000000000000000000001000000:2328", "[::1]:9000", "another program listens")]
    [InlineData("00000000000000000000000001000000:2328", "localhost:9000", "another program listens")]
    [InlineData("00000000000000000000000001000000:2328", ":9000", "another program listens")]
    [InlineData("00000000000000000000000000000000:2328", "127.0.0.1:9000", "another program listens")]
    [InlineData("0000000000000000FFFF00000100007F:2328", "127.0.0.1:9000", "another program listens")]
    [InlineData("0100007F:2328", "[::ffff:127.0.0.1]:9000", "another program listens")]
    [InlineData("0100007F:2328", "[::]:9000", "another program listens")]
    [InlineData("0100007F:2328", "0.0.0.0:9000", "another program listens")]
    [InlineData("00000000:2328", "[::1]:9000", "free")]
    [InlineData("00000000000000000000000001000000:2328", "0.0.0.0:9000", "free")]
    [InlineData("00000000000000000000000001000000:2328", "127.0.0.1:9000", "free")]
    [InlineData("0200A8C0:2328", "127.0.0.1:9000", "free")]
    [InlineData("0100007F:2329", "127.0.0.1:9000", "free")]
    public async Task A_port_is_free_or_taken(string taken, string wanted, string found)
    {
        _examination.Listen(taken);
        _examination.Tell("net/tcp", (_examination.Examined.Proc.Read("net/tcp") ?? "  sl\n") + "   1: 0100007F:2328 0100007F:1000 01 00000000:00000000 00:00000000 00000000  1000        0 1 1\n");
        _examination.Set(new() { ["--s3"] = [wanted], ["--control"] = ["127.0.0.1:7001"] });
        await _examination.ExpectAmongAsync(new PortsCheck(), found == "free" ? Verdict.Ok : Verdict.Problem, $"--s3 {wanted}: {found}");
    }

    [Fact]
    public async Task The_servers_own_ports_are_right_and_others_are_those_of_other_settings()
    {
        _examination.Listen("0100007F:2328", socket: 77);
        _examination.Own(process: 4711, socket: 77);
        _examination.Examined = _examination.Examined with { Server = 4711 };
        await _examination.ExpectAmongAsync(new PortsCheck(), Verdict.Ok, "--s3 127.0.0.1:9000: the server (process 4711) listens");
        await _examination.ExpectAmongAsync(new PortsCheck(), Verdict.Warning, "--control 127.0.0.1:9001: the server that runs does not listen there");
    }

    [Fact]
    public async Task Ports_of_another_process_are_not_taken_for_the_servers()
    {
        _examination.Listen("0100007F:2328", socket: 78);
        _examination.Examined = _examination.Examined with { Server = 4711 };
        await _examination.ExpectAmongAsync(new PortsCheck(), Verdict.Skipped, "whether it is the server, this user");
        _examination.Own(process: 4711, socket: 77);
        await _examination.ExpectAmongAsync(new PortsCheck(), Verdict.Warning, "another process listens there than the server that runs (process 4711)");
    }

    [Fact]
    public async Task The_sockets_of_a_process_are_seen()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _examination.Set(new() { ["--s3"] = [$"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"], ["--control"] = ["127.0.0.1:0"] });
        _examination.Examined = _examination.Examined with { Proc = new ProcFiles("/proc"), Server = Environment.ProcessId };
        await _examination.ExpectAmongAsync(new PortsCheck(), Verdict.Ok, "the server (process");
        _examination.Examined = _examination.Examined with { Server = null };
        await _examination.ExpectAmongAsync(new PortsCheck(), Verdict.Problem, "another program listens");
    }

    [Theory]
    [InlineData("0000000000000000", Verdict.Warning, "free, but below 1024, where this shell may not listen")]
    [InlineData("0000000000000400", Verdict.Ok, "free")]
    internal async Task A_low_port_needs_the_capability(string capabilities, Verdict verdict, string found)
    {
        _examination.Tell("net/tcp", "  sl\n");
        _examination.Tell("self/status", $"Name:\ttarn\nCapEff:\t{capabilities}\n");
        _examination.Set(new() { ["--s3"] = [":443"] });
        await _examination.ExpectAmongAsync(new PortsCheck(), verdict, $"--s3 :443: {found}");
        _examination.Tell("sys/net/ipv4/ip_unprivileged_port_start", "80\n");
        await _examination.ExpectAmongAsync(new PortsCheck(), Verdict.Ok, "--s3 :443: free");
    }

    [Fact]
    public async Task Another_Tarn_server_on_the_ports_is_named_as_such()
    {
        await using InProcessServer other = await InProcessServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        int port = new Uri(other.ControlUrl).Port;
        _examination.Listen($"0100007F:{port:X4}");
        _examination.Set(new() { ["--control"] = [$"127.0.0.1:{port}"] });
        _examination.Examined = _examination.Examined with { Control = new Uri(other.ControlUrl) };
        await _examination.ExpectAmongAsync(new PortsCheck(), Verdict.Problem, "another Tarn server listens there");
    }

    [Fact]
    public async Task A_server_is_ready_or_not_or_none_runs()
    {
        await _examination.ExpectAsync(new ServerCheck(), Verdict.Ok, "none runs");
        await using InProcessServer server = await InProcessServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        int port = new Uri(server.ControlUrl).Port;
        _examination.Set(new() { ["--control"] = [$"127.0.0.1:{port}"] });
        _examination.Examined = _examination.Examined with { Server = 4711, Control = new Uri(server.ControlUrl) };
        await _examination.ExpectAsync(new ServerCheck(), Verdict.Skipped, "whether it is process 4711");
        _examination.Listen($"0100007F:{port:X4}", socket: 77);
        await _examination.ExpectAsync(new ServerCheck(), Verdict.Skipped, "whether it is process 4711");
        _examination.Own(process: 4711, socket: 78);
        await _examination.ExpectAsync(new ServerCheck(), Verdict.Warning, "is another process");
        _examination.Own(process: 4711, socket: 77);
        await _examination.ExpectAsync(new ServerCheck(), Verdict.Ok, "process 4711 is ready");
        server.Get<Tarn.Server.Storage.StoreHealth>().Fail();
        await _examination.ExpectAsync(new ServerCheck(), Verdict.Problem, "is not ready: the metadata store failed");
        _examination.Examined = _examination.Examined with { Control = new Uri($"http://127.0.0.1:{FreePort.Next()}") };
        await _examination.ExpectAsync(new ServerCheck(), Verdict.Problem, "cannot be reached");
    }

    [Theory]
    [InlineData("65536", Verdict.Ok, "may open 65,536 files")]
    [InlineData("unlimited", Verdict.Ok, "may open")]
    [InlineData("1024", Verdict.Warning, "may open 1,024 files")]
    [InlineData("256", Verdict.Problem, "which is too few")]
    internal async Task The_limit_of_open_files_is_judged(string limit, Verdict verdict, string found)
    {
        await _examination.ExpectAsync(new DescriptorsCheck(), Verdict.Skipped, "may not be read");
        _examination.Tell("self/limits", $"Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 {limit}                files     \n");
        await _examination.ExpectAsync(new DescriptorsCheck(), verdict, found);
    }

    [Fact]
    public async Task With_a_mirror_a_limit_of_open_files_is_enough_for_fewer_connections()
    {
        _examination.Tell("self/limits", "Max open files            8192                 8192                 files     \n");
        await _examination.ExpectAsync(new DescriptorsCheck(), Verdict.Ok, $"takes {DescriptorBudget.Of(8192).S3Connections:N0} connections");
        _examination.Set(new() { ["--mirror"] = [_examination.PathOf("mirror")] });
        await _examination.ExpectAsync(new DescriptorsCheck(), Verdict.Ok, $"takes {DescriptorBudget.Of(8192, mirrored: true).S3Connections:N0} connections");
    }

    [Fact]
    public async Task A_running_server_is_judged_by_its_own_limit_and_by_what_it_has_open()
    {
        _examination.Examined = _examination.Examined with { Server = 4711 };
        _examination.Tell("4711/limits", "Max open files            4096                 4096                 files     \n");
        _examination.Tell("4711/fd/0", "");
        await _examination.ExpectAsync(new DescriptorsCheck(), Verdict.Ok, "it has 1 open");
        for (int i = 1; i < 4090; i++)
        {
            _examination.Tell($"4711/fd/{i}", "");
        }

        await _examination.ExpectAsync(new DescriptorsCheck(), Verdict.Problem, "new connections are refused");
    }

    [Theory]
    [InlineData(8 * Gib, 4 * Gib, Verdict.Ok, "8.0 GiB may be used, 4.0 GiB are available now")]
    [InlineData(256L << 20, 200L << 20, Verdict.Warning, "little for large listings")]
    [InlineData(8 * Gib, 100L << 20, Verdict.Warning, "other programs use nearly all")]
    internal async Task Little_memory_is_said(long limit, long available, Verdict verdict, string found)
    {
        _examination.Tell("meminfo", $"MemTotal:       99 kB\nMemAvailable:   {available >> 10} kB\n");
        await _examination.ExpectAsync(new MemoryCheck(() => limit), verdict, found);
    }

    [Fact]
    public async Task A_budget_of_most_of_the_memory_is_a_problem()
    {
        _examination.Set(new() { ["--request-memory"] = ["3000"] });
        await _examination.ExpectAmongAsync(new MemoryCheck(static () => 4 * Gib), Verdict.Problem, "--request-memory");
        Assert.DoesNotContain(await _examination.RunAsync(new MemoryCheck(static () => 8 * Gib)), finding => finding.Verdict == Verdict.Problem);
    }

    [Theory]
    [InlineData("6.8.0-31-generic", "4096", "0", Verdict.Ok, "Linux 6.8.0-31-generic")]
    [InlineData("5.4.0", "4096", "0", Verdict.Warning, "has no openat2")]
    [InlineData("6.8.0", "128", "0", Verdict.Warning, "only 128 connections may wait")]
    [InlineData("6.8.0", "4096", "2", Verdict.Warning, "vm.overcommit_memory=2")]
    internal async Task Settings_of_the_kernel_are_judged(string release, string backlog, string overcommit, Verdict verdict, string found)
    {
        await _examination.ExpectAsync(new KernelCheck(), Verdict.Skipped, "not told");
        _examination.Tell("sys/kernel/osrelease", release + "\n");
        _examination.Tell("sys/net/core/somaxconn", backlog + "\n");
        _examination.Tell("sys/vm/overcommit_memory", overcommit + "\n");
        await _examination.ExpectAsync(new KernelCheck(), verdict, found);
    }
}
