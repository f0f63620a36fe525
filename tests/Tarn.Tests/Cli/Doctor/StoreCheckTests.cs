using Microsoft.Extensions.Logging.Abstractions;
using Tarn.Core;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Server.Cli.Doctor.Checks;
using Tarn.Server.Configuration;
using Tarn.Server.Identity;
using Tarn.Server.Storage;
using Tarn.TestKit.Hosting;

namespace Tarn.Tests.Cli.Doctor;

/// <summary>What the doctor finds in a data directory.</summary>
public sealed class StoreCheckTests : IDisposable
{
    private readonly Examination _examination = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => _examination.Examined.Data;

    public void Dispose() => _examination.Dispose();

    [Fact]
    public async Task A_whole_store_is_right_in_every_respect()
    {
        await MakeStoreAsync();
        await _examination.ExpectAsync(new DataDirectoryCheck(), Verdict.Ok, "its parts belong together");
        await _examination.ExpectAsync(new FormatCheck(), Verdict.Ok, "format 7");
        await _examination.ExpectAsync(new MasterKeyCheck(), Verdict.Ok, "master.key");
        await _examination.ExpectAsync(new MetadataCheck(), Verdict.Ok, "RocksDB opens it");
    }

    [Fact]
    public async Task A_directory_that_is_not_there_is_made_by_a_start_unless_a_store_is_expected()
    {
        await _examination.ExpectAsync(new DataDirectoryCheck(), Verdict.Warning, "does not exist; a start creates it");
        await _examination.ExpectAsync(new FormatCheck(), Verdict.Skipped, "no store");
        await _examination.ExpectAsync(new MasterKeyCheck(), Verdict.Skipped, "no store");
        await _examination.ExpectAsync(new MetadataCheck(), Verdict.Skipped, "no metadata");
        _examination.Set(new() { ["--expect-data"] = ["true"] });
        await _examination.ExpectAsync(new DataDirectoryCheck(), Verdict.Problem, "does not exist, and --expect-data is set");
        Directory.CreateDirectory(Data);
        await _examination.ExpectAmongAsync(new DataDirectoryCheck(), Verdict.Problem, "--expect-data: there is no store in");
        _examination.Set([]);
        await _examination.ExpectAmongAsync(new DataDirectoryCheck(), Verdict.Warning, "there is no store in");
    }

    [Fact]
    public async Task A_part_that_is_not_mounted_is_a_problem()
    {
        await MakeStoreAsync();
        Directory.Delete(Path.Combine(Data, "blobs"), recursive: true);
        Directory.CreateDirectory(Path.Combine(Data, "blobs"));
        await _examination.ExpectAsync(new DataDirectoryCheck(), Verdict.Problem, "is a file system not mounted?");
    }

    [Fact]
    public async Task Data_without_metadata_is_a_problem_also_where_nothing_else_of_the_store_is_left()
    {
        string blobs = Path.Combine(Data, "blobs", "00");
        Directory.CreateDirectory(blobs);
        File.WriteAllText(Path.Combine(blobs, "blob"), "");
        await _examination.ExpectAmongAsync(new DataDirectoryCheck(), Verdict.Problem, "but no metadata in");
    }

    [Fact]
    public async Task Metadata_of_an_old_store_without_blobs_is_a_problem()
    {
        await MakeStoreAsync();
        File.Delete(Path.Combine(Data, "store-id"));
        File.Delete(Path.Combine(Data, "meta", "store-id"));
        Directory.Delete(Path.Combine(Data, "blobs"), recursive: true);
        await _examination.ExpectAsync(new DataDirectoryCheck(), Verdict.Problem, "not even the directory tmp");
    }

    [Fact]
    public async Task A_store_that_was_served_without_the_documented_key_is_a_problem_with_it()
    {
        await MakeStoreAsync();
        _examination.Set(new() { ["--dev"] = ["true"] });
        await _examination.ExpectAsync(new DataDirectoryCheck(), Verdict.Problem, "was served without --dev");
    }

    [Theory]
    [InlineData("meta", false)]
    [InlineData("meta", true)]
    [InlineData("blobs", true)]
    [InlineData("tarn.lock", true)]
    [InlineData("format", false)]
    [InlineData("store-id", false)]
    [InlineData("meta/store-id", false)]
    [InlineData("blobs/store-id", false)]
    [InlineData("master.key", false)]
    public async Task A_part_that_this_user_may_not_use_is_a_problem(string part, bool isRead)
    {
        await MakeStoreAsync();
        string path = Path.Combine(Data, part);
        _examination.Examined = _examination.Examined with { MayRead = one => isRead || one != path, MayWrite = one => one != path };
        await _examination.ExpectAmongAsync(new DataDirectoryCheck(), Verdict.Problem, $"{path} cannot be {(isRead ? "written" : "read")} by this user");
    }

    [Fact]
    public async Task A_directory_that_a_start_cannot_create_is_a_problem()
    {
        _examination.Examined = _examination.Examined with { MayWrite = static _ => false };
        await _examination.ExpectAsync(new DataDirectoryCheck(), Verdict.Problem, "may not create it in");
        _examination.Examined = _examination.Examined with { MayWrite = static _ => true };
        File.WriteAllText(Data, "");
        await _examination.ExpectAsync(new DataDirectoryCheck(), Verdict.Problem, "is a file");
        _examination.Examined = _examination.Examined with { Data = Path.Combine(Data, "below") };
        await _examination.ExpectAsync(new DataDirectoryCheck(), Verdict.Problem, "is a file");
    }

    [Fact]
    public void Rights_are_those_of_the_kernel()
    {
        Directory.CreateDirectory(Data);
        Examination.SetMode(Data, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        bool mayEnter = FileFacts.User == 0;
        Assert.Equal((mayEnter, mayEnter), (FileFacts.MayRead(Data), FileFacts.MayWrite(Data)));
        Examination.SetMode(Data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal((true, true), (FileFacts.MayRead(Data), FileFacts.MayWrite(Data)));
    }

    [Theory]
    [InlineData("restore", "unfinished restore")]
    [InlineData("rebuild", "unfinished rebuild")]
    public async Task An_unfinished_directory_is_a_problem(string file, string found)
    {
        await MakeStoreAsync();
        File.WriteAllText(Path.Combine(Data, file), "");
        await _examination.ExpectAsync(new DataDirectoryCheck(), Verdict.Problem, found);
    }

    [Fact]
    public async Task A_directory_of_another_user_or_that_others_enter_is_said()
    {
        await MakeStoreAsync();
        _examination.Examined = _examination.Examined with { User = 4711 };
        await _examination.ExpectAmongAsync(new DataDirectoryCheck(), Verdict.Warning, "belongs to another user");
        _examination.Examined = _examination.Examined with { User = 0, MayWrite = static _ => false };
        await _examination.ExpectAmongAsync(new DataDirectoryCheck(), Verdict.Problem, "tarn.lock cannot be written by this user");
        _examination.Examined = _examination.Examined with { MayRead = static _ => false };
        await _examination.ExpectAmongAsync(new DataDirectoryCheck(), Verdict.Problem, "master.key cannot be read by this user");
        _examination.Examined = _examination.Examined with { MayRead = static _ => true, MayWrite = static _ => true };
        Examination.SetMode(Data, (UnixFileMode)0b111_101_101);
        Examination.SetMode(Path.Combine(Data, "meta"), (UnixFileMode)0b111_101_101);
        await _examination.ExpectAmongAsync(new DataDirectoryCheck(), Verdict.Warning, "can be entered by other users");
    }

    [Theory]
    [InlineData("1007", Verdict.Ok, "format 7 of one side of a mirror, which this build writes")]
    [InlineData("1005", Verdict.Warning, "format 5 of one side of a mirror is older than this build's (7)")]
    [InlineData("1008", Verdict.Problem, "has format 8, newer than this build reads")]
    [InlineData("5", Verdict.Warning, "format 5 is older than this build's (7)")]
    [InlineData("8", Verdict.Problem, "newer than this build reads")]
    [InlineData("4", Verdict.Problem, "which no version of Tarn has")]
    [InlineData("x", Verdict.Problem, "not a format version")]
    internal async Task Another_format_is_said(string format, Verdict verdict, string found)
    {
        await MakeStoreAsync();
        File.WriteAllText(Path.Combine(Data, "format"), format + "\n");
        await _examination.ExpectAsync(new FormatCheck(), verdict, found);
    }

    [Fact]
    public async Task A_master_key_that_is_missing_short_or_open_to_others_is_a_problem()
    {
        await MakeStoreAsync();
        string file = Path.Combine(Data, "master.key");
        Examination.SetMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await _examination.ExpectAsync(new MasterKeyCheck(), Verdict.Problem, "can be read by other users");
        File.WriteAllText(file, "short");
        await _examination.ExpectAsync(new MasterKeyCheck(), Verdict.Problem, "is shorter than 32 characters");
        File.Delete(file);
        await _examination.ExpectAsync(new MasterKeyCheck(), Verdict.Problem, "is missing");
        string other = _examination.PathOf("mounted.key");
        File.WriteAllText(other, new string('k', 64));
        Examination.SetMode(other, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        _examination.Set(new() { ["--master-key-file"] = [other] });
        await _examination.ExpectAsync(new MasterKeyCheck(), Verdict.Ok, "mounted.key");
        Examination.SetMode(other, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await _examination.ExpectAsync(new MasterKeyCheck(), Verdict.Problem, "can be read by other users");
        File.Delete(other);
        await _examination.ExpectAsync(new MasterKeyCheck(), Verdict.Problem, "cannot be read");
    }

    [Fact]
    public async Task Metadata_that_does_not_open_is_a_problem_and_that_of_a_running_server_is_left_alone()
    {
        await MakeStoreAsync();
        string current = Path.Combine(Data, "meta", "CURRENT");
        File.WriteAllText(current, "nonsense");
        await _examination.ExpectAsync(new MetadataCheck(), Verdict.Problem, "a server does not start on it");
        await using (InProcessServer elsewhere = await InProcessServer.StartAsync(cancellationToken: Token))
        {
            _examination.Examined = _examination.Examined with { Control = new Uri(elsewhere.ControlUrl) };
            await _examination.ExpectAsync(new MetadataCheck(), Verdict.Warning, "if that is one in a container");
        }

        await _examination.ExpectAsync(new MetadataCheck(), Verdict.Problem, "a server does not start on it");
        _examination.Examined = _examination.Examined with { Server = 4711 };
        await _examination.ExpectAsync(new MetadataCheck(), Verdict.Skipped, "a server (process 4711) has it open");
    }

    [Fact]
    public async Task A_damaged_log_is_a_problem_until_its_loss_is_accepted_as_for_a_start()
    {
        // As a crash leaves it: what a server closes has no log that counts.
        string metadata = Path.Combine(Data, "meta"), copy = _examination.PathOf("copy");
        await using (Engines engines = await Engines.OpenAsync(_examination.Examined.Options!, SystemRandomSource.Instance, TimeProvider.System, 64, NullLoggerFactory.Instance, Token))
        {
            for (byte i = 0; i < 40; i++)
            {
                await engines.Metadata.CommitAsync(new KeyValueBatch().Put([Tables.Bucket, i], new byte[4000]), Token);
            }

            Directory.CreateDirectory(copy);
            foreach (string file in Directory.GetFiles(metadata))
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }
        }

        Directory.Delete(metadata, recursive: true);
        Directory.Move(copy, metadata);
        await _examination.ExpectAsync(new MetadataCheck(), Verdict.Ok, "RocksDB opens it");
        string log = Directory.GetFiles(metadata, "*.log").Max(StringComparer.Ordinal)!;
        byte[] bytes = File.ReadAllBytes(log);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(log, bytes);
        await _examination.ExpectAsync(new MetadataCheck(), Verdict.Problem, "a server does not start on it");
        string advised = Assert.Single(await _examination.RunAsync(new MetadataCheck())).Found;
        string number = advised[(advised.LastIndexOf("--accept-log-loss ", StringComparison.Ordinal) + "--accept-log-loss ".Length)..];
        _examination.Set(new() { ["--accept-log-loss"] = [number] });
        await _examination.ExpectAmongAsync(new MetadataCheck(), Verdict.Ok, "RocksDB opens it");
        await _examination.ExpectAmongAsync(new MetadataCheck(), Verdict.Warning, "as accepted");
        Assert.Equal(bytes, File.ReadAllBytes(log));
    }

    [Fact]
    public async Task The_server_that_holds_the_lock_is_found_without_trying_the_lock()
    {
        var proc = new ProcFiles("/proc");
        await MakeStoreAsync();
        Assert.Null(proc.ServerOf(Data));
        using (DataDirectory.Open(Data, SystemRandomSource.Instance))
        {
            Assert.Equal(Environment.ProcessId, proc.ServerOf(Data));
        }

        Assert.Null(proc.ServerOf(Data));
        Assert.Null(proc.ServerOf(_examination.PathOf("elsewhere")));
    }

    [Theory]
    [InlineData(8u, 1u, 4711)]
    [InlineData(8u, 2u, 4712)]
    [InlineData(8u, 3u, null)]
    [InlineData(0u, 44u, 4711)]
    public void A_lock_of_a_file_with_the_same_number_on_another_device_is_another(uint major, uint minor, int? holder)
    {
        _examination.Tell("locks", "1: POSIX  ADVISORY  WRITE 4709 08:01:77 0 EOF\n2: FLOCK  ADVISORY  READ  4710 08:01:77 0 EOF\n3: FLOCK  ADVISORY  WRITE 4711 08:01:77 0 EOF\n4: FLOCK  ADVISORY  WRITE 4712 08:02:77 0 EOF\n");
        Assert.Equal(holder, _examination.Examined.Proc.HolderOf(new FileFacts(0, 77, major, minor)));
    }

    /// <summary>Makes a store as a server does, and closes it.</summary>
    private async Task MakeStoreAsync()
    {
        ServerOptions options = _examination.Examined.Options!;
        await using Engines engines = await Engines.OpenAsync(options, SystemRandomSource.Instance, TimeProvider.System, 64, NullLoggerFactory.Instance, Token);
        using ServerIdentity _ = await ServerIdentity.OpenAsync(options, IdentityFiles.Of(Data), engines.Metadata, TimeProvider.System, SystemRandomSource.Instance, Token);
    }
}
