using System.Security.Cryptography;
using System.Text;
using Tarn.Load.Http;

namespace Tarn.Load.Workloads;

/// <summary>
/// All connections change one key: 50 % PUT, 25 % PutObjectTagging, 25 % DELETE. Tagging an object that another connection has just deleted
/// is answered 404, which is not a failure.
/// </summary>
internal sealed class ContendWorkload(BodyPool bodies) : IWorkload
{
    private const int NotFound = 404;

    private static readonly byte[] Tags = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"u8.ToArray();
    private static readonly byte[] TagsHash = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(Tags)));

    // S3 takes tags only with a digest of their document.
    private static readonly byte[] TagsMd5 = Encoding.ASCII.GetBytes($"Content-MD5: {Convert.ToBase64String(MD5.HashData(Tags))}\r\n");

    public string Name => "contend";

    public void Step(Worker worker, long index)
    {
        switch (worker.Random.Next(4))
        {
            case 0:
                Exchange tagged = worker.Client.Object("PUT", 0, Tags, TagsHash, query: "tagging="u8, headers: TagsMd5);
                worker.Record("tag", tagged, 0, accepts: NotFound);
                break;
            case 1:
                worker.Record("delete", worker.Client.Object("DELETE", 0), 0);
                break;
            default:
                worker.Record("put", worker.Client.Object("PUT", 0, bodies.Body(0), bodies.PayloadHash(0)), bodies.Body(0).Length);
                break;
        }
    }
}
