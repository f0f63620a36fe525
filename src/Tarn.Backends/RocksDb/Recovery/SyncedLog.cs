using Microsoft.Win32.SafeHandles;
using Tarn.Backends.RocksDb.Interop;

namespace Tarn.Backends.RocksDb.Recovery;

/// <summary>Maintains <see cref="SyncedPosition"/> for an open database, with one write to the page cache for each group of commits.</summary>
internal sealed class SyncedLog : IDisposable
{
    private readonly DatabaseHandle _database;
    private readonly SafeFileHandle? _file;
    private readonly Action<string>? _notice;
    private SyncedPosition _position;
    private bool _isBehind;

    private SyncedLog(DatabaseHandle database, SyncedPosition position, SafeFileHandle? file, Action<string>? notice)
    {
        _database = database;
        _position = position;
        _file = file;
        _notice = notice;
    }

    /// <summary>Starts with a database that was just opened: RocksDB has moved the contents of its logs into tables and begun a new log.</summary>
    public static SyncedLog Begin(DatabaseHandle database, string directory, RocksDbOptions options)
    {
        var position = new SyncedPosition(
            RocksDbNative.LastChange(database), RocksDbFiles.Logs(directory).Max(static log => log.Number), IsRelaxed: !options.SyncWrites);
        SafeFileHandle? file = null;
        try
        {
            file = position.Create(directory);
        }
        catch (IOException e)
        {
            options.Notice?.Invoke(Unrecorded(e));
        }

        return new(database, position, file, options.Notice);
    }

    /// <summary>Records that everything written is on the device. Does nothing if commits are not synced.</summary>
    public void Advance()
    {
        if (_position.IsRelaxed || _file is null)
        {
            return;
        }

        _position = _position with { Change = RocksDbNative.LastChange(_database) };
        try
        {
            _position.Overwrite(_file);
            _isBehind = false;
        }
        catch (IOException e)
        {
            // The commit itself is durable, and the record lags behind it.
            if (!_isBehind)
            {
                _isBehind = true;
                _notice?.Invoke(Unrecorded(e));
            }
        }
    }

    public void Dispose() => _file?.Dispose();

    private static string Unrecorded(IOException e) =>
        $"How far the metadata is synced cannot be recorded, so the next start may not notice damage to the end of the log: {e.Message}";
}
