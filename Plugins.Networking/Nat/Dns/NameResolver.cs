using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Hospes.Networking.Nat.Dns;

/// <summary>Answers one guest's questions: our names from what we know, all others by asking the machine's own servers. Any thread.</summary>
internal sealed class NameResolver(GuestNames names, IPAddress router, UpstreamServers upstream, ILogger log)
{
    private const int MostAtOnce = 32; // questions of one guest that wait for others' answers

    private int _waiting;

    /// <summary>The answer; null: it is no question, and gets none.</summary>
    internal async ValueTask<byte[]?> ResolveAsync(ReadOnlyMemory<byte> query, ProtocolType protocol, CancellationToken cancellation)
    {
        if (!NameQuestion.TryRead(query.Span, out NameQuestion question))
            return null;
        if (question.Class == NameQuestion.ClassInternet && Known(query.Span, question) is { } known)
            return known;
        if (Interlocked.Increment(ref _waiting) > MostAtOnce)
        {
            Interlocked.Decrement(ref _waiting);
            return NameAnswer.Addresses(query.Span, question, NameAnswer.ServerFailure, []);
        }

        try
        {
            if (await upstream.AskAsync(query, protocol, cancellation).ConfigureAwait(false) is { } answer)
                return answer;
            log.LogDebug("no name server has answered for '{Name}'", question.Name);
            return NameAnswer.Addresses(query.Span, question, NameAnswer.ServerFailure, []);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private byte[]? Known(ReadOnlySpan<byte> query, NameQuestion question)
    {
        if (question.ReverseAddress() is { } address)
            return names.Find(address) is { } name ? NameAnswer.Pointer(query, question, name) : null;
        if (question.Name.Length == 0 || !GuestNames.IsOurs(question.Name))
            return null;
        IPAddress[] found = names.Find(question.Name, router);
        return found.Length == 0
            ? NameAnswer.Addresses(query, question, NameAnswer.NoSuchName, [])
            : NameAnswer.Addresses(query, question, NameAnswer.NoError, question.Type == NameQuestion.TypeA ? found : []);
    }
}
