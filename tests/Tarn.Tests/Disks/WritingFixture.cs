using System.Buffers;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Disks.Linux;
using Tarn.Core.Disks.Listing;
using Tarn.Core.Disks.Mounts;
using Tarn.Core.Disks.Writing;

namespace Tarn.Tests.Disks;

/// <summary>An attached tree that may be written to, and shortcuts for changes of it.</summary>
internal sealed class WritingFixture : IDisposable
{
    private WritingFixture(DiskFixture files) => Files = files;

    public DiskFixture Files { get; }

    public Disk Disk { get; private set; } = null!;

    public string Tree => Files.Tree;

    public DiskWriter Writer => Files.Store.Writer;

    public DiskUploads Uploads => Files.Store.Uploads;

    /// <summary>Refuses nothing.</summary>
    public static Func<CancellationToken, ValueTask> NoGuard { get; } = static _ => ValueTask.CompletedTask;

    private static CancellationToken Token => DiskFixture.Token;

    public static async Task<WritingFixture> StartAsync(DiskOptions? options = null, TimeProvider? clock = null, IMountTable? mounts = null)
    {
        // The machine of the tests may be nearly full.
        var fixture = new WritingFixture(new DiskFixture(options ?? new DiskOptions { ReserveBytes = 0 }, clock, mounts));
        Disk attached = await fixture.Files.AttachAsync();
        fixture.Disk = (await fixture.Files.Catalog.SetWritingAsync(attached.Id, writing: true, Token))!;
        return fixture;
    }

    public async Task<DiskFileFacts> PutAsync(string path, string content, bool replaces = false, Func<Task>? before = null)
    {
        using NewDiskFile file = await Writer.BeginAsync(Disk, DiskFilePath.Parse(path), replaces, null, Token);
        file.Append(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(content)));
        if (before is not null)
        {
            await before();
        }

        return await file.CommitAsync(Token);
    }

    public async Task<DiskUpload> AppendAsync(string id, long offset, byte[] data, bool keepsParts = true)
    {
        using UploadAppend append = (await Uploads.AppendAsync(Disk, id, offset, null, keepsParts, NoGuard, Token))!;
        await append.AppendAsync(new ReadOnlySequence<byte>(data));
        return await append.CommitAsync();
    }

    public async Task MakeAsync(string path, bool parents = false) => await Writer.MakeDirectoryAsync(Disk, DiskFilePath.Parse(path), parents, Token);

    public async Task RenameAsync(string from, string to, bool replaces = false) =>
        await Writer.RenameAsync(Disk, DiskFilePath.Parse(from), DiskFilePath.Parse(to), replaces, Token);

    public async Task RemoveAsync(string path, bool recursive = false) => await Writer.RemoveAsync(Disk, DiskFilePath.Parse(path), recursive, NoGuard, Token);

    public string PathOf(string path) => Path.Combine(Tree, path);

    public string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>The permissions of a file.</summary>
    public int ModeOf(string path)
    {
        using SafeFileHandle file = File.OpenHandle(PathOf(path));
        Assert.Equal(0, LinuxFiles.Stat(file, out Tarn.Core.Files.FileStat stat));
        return stat.Permissions;
    }

    /// <summary>What is kept of files that are being written.</summary>
    public string[] Staged() =>
        Directory.Exists(PathOf(".tarn-uploads")) ? [.. Directory.EnumerateFiles(PathOf(".tarn-uploads"), "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)!)] : [];

    /// <summary>Runs a change that is refused; nothing may be left of it.</summary>
    public async Task<DiskChangeRefusal> RefusedAsync(Func<Task> change)
    {
        DiskChangeRefusedException refusal = await Assert.ThrowsAsync<DiskChangeRefusedException>(change);
        Assert.DoesNotContain(Staged(), name => name.StartsWith("put-", StringComparison.Ordinal));
        return refusal.Reason;
    }

    public void Dispose() => Files.Dispose();
}
