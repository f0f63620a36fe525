using System.Runtime.InteropServices;

namespace Tarn.Backends.RocksDb.Interop;

/// <summary>An open database. Calls in progress keep it open: closing waits for the last of them.</summary>
internal sealed class DatabaseHandle : SafeHandle
{
    public DatabaseHandle(nint database) : base(0, ownsHandle: true) => SetHandle(database);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        RocksDbNative.CancelAllBackgroundWork(handle, wait: 1);
        RocksDbNative.Close(handle);
        return true;
    }
}

/// <summary>A batch of writes in RocksDB's own encoding.</summary>
internal sealed class WriteBatchHandle : SafeHandle
{
    /// <param name="protectionBytes">Bytes of checksum for each row of the batch: 0, or 8.</param>
    public WriteBatchHandle(int protectionBytes) : base(0, ownsHandle: true) =>
        SetHandle(RocksDbNative.CreateWriteBatch(0, 0, (nuint)protectionBytes, 0));

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        RocksDbNative.DestroyWriteBatch(handle);
        return true;
    }
}

/// <summary>The options of reads.</summary>
internal sealed class ReadOptionsHandle : SafeHandle
{
    public ReadOptionsHandle() : base(0, ownsHandle: true) => SetHandle(RocksDbNative.CreateReadOptions());

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        RocksDbNative.DestroyReadOptions(handle);
        return true;
    }
}

/// <summary>The options of writes.</summary>
internal sealed class WriteOptionsHandle : SafeHandle
{
    public WriteOptionsHandle(bool sync) : base(0, ownsHandle: true)
    {
        SetHandle(RocksDbNative.CreateWriteOptions());
        RocksDbNative.SetSync(this, sync ? (byte)1 : (byte)0);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        RocksDbNative.DestroyWriteOptions(handle);
        return true;
    }
}
