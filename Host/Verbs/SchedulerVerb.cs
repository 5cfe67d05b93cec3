using System.Text.Json;
using Hospes.Host.Api;

namespace Hospes.Host.Verbs;

/// <summary><c>scheduler</c>: which scheduler is in charge and which there are; <c>scheduler set NAME</c>: puts another in charge of the guests that run.</summary>
internal static class SchedulerVerb
{
    private const string Resource = "v1/host/scheduler";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(string[] words)
    {
        VerbArguments arguments = new(words, ["--root"], []);
        HostPaths paths = arguments.Paths();
        switch (arguments.Plain)
        {
            case [] or ["list"]:
                string answer = await ApiCall.SendAsync(paths, Resource, null, Patience);
                Bodies.Schedulers known = JsonSerializer.Deserialize(answer, ApiJson.Default.Schedulers)!;
                if (!known.Available.Contains(known.Name, StringComparer.Ordinal))
                    Console.WriteLine($"* {known.Name}");
                foreach (string name in known.Available)
                    Console.WriteLine($"{(string.Equals(name, known.Name, StringComparison.Ordinal) ? '*' : ' ')} {name}");
                return 0;
            case ["set", var name]:
                string body = JsonSerializer.Serialize(new Bodies.Scheduler(name, null), ApiJson.Default.Scheduler);
                await ApiCall.SendAsync(paths, Resource, body, Patience);
                return 0;
            default:
                throw new UsageException("scheduler takes nothing, or 'set NAME'");
        }
    }
}
