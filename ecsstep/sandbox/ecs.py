"""Amazon ECS as the sandbox emulates it: the operations of a deployment, wholly by itself.

Why not moto's: it loses fields of task definitions, and a service of its is steady at once.
"""

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ecsstep.sandbox.api import ApiError, Now, checked
from ecsstep.sandbox.clusters import Clusters
from ecsstep.sandbox.place import Place
from ecsstep.sandbox.run_task import RunTask
from ecsstep.sandbox.running_tasks import RunningTasks
from ecsstep.sandbox.scenarios import Story
from ecsstep.sandbox.service import Service, Surroundings, WriteLog, image_digest
from ecsstep.sandbox.service_deployments import ServiceDeployments
from ecsstep.sandbox.services import Services
from ecsstep.sandbox.task_definitions import TaskDefinitions

_Answer = Callable[[Mapping[str, Any], dt.datetime], dict[str, Any]]


class Ecs:
    """The emulated ECS of one account in one region. Threads may share it.

    Args:
        clock: The sandbox's time.
        region: The region that ARNs name.
        account: The account that ARNs name.
        story: What happens to those who deploy.
        image_exists: Whether an image can be pulled.
        write_log: Writes what containers say.
        image_digest: The digest that an image's tag stands for, if that is known.
    """

    def __init__(  # noqa: PLR0913 - a service touches so many others
        self,
        *,
        clock: Now,
        region: str,
        account: str,
        story: Story,
        image_exists: Callable[[str], bool],
        write_log: WriteLog,
        image_digest: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._lock = threading.RLock()
        self._clock = clock
        self._place = Place(region=region, account=account)
        self._definitions = TaskDefinitions(place=self._place)
        self._clusters = Clusters(self._place)
        self._surroundings = Surroundings(
            place=self._place,
            story=story,
            definitions=self._definitions,
            image_exists=image_exists,
            image_digest=image_digest,
            write_log=write_log,
        )
        self._services = Services(self._clusters, self._surroundings)
        self.story = story
        self._answers = self._operations()

    def handles(self, operation: str) -> bool:
        """Whether this operation is emulated."""
        return operation in self._answers

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the operation's result at this moment, in the API's names.

        Raises:
            ApiError: The request isn't valid by the API's model, or AWS would refuse it.
        """
        if not self.handles(operation):
            raise ApiError("UnknownOperationException", f"The sandbox's ECS has no {operation}.")
        checked("ecs", operation, body)
        self._place.refuse_foreign(body)
        with self._lock:
            now = self._clock.now()
            self._clusters.advance(now)
            return self._answers[operation](body, now)

    def plant(
        self, definition: Mapping[str, Any], service: Mapping[str, Any], at: dt.datetime
    ) -> None:
        """Let a service have been there since ``at``, steady on this task definition.

        Args:
            definition: What RegisterTaskDefinition was told.
            service: What CreateService was told.
            at: When that was.
        """
        with self._lock:
            self._definitions.keep(definition, at, by=self._place.caller)
            self._clusters.create({"clusterName": service["cluster"]}, at)
            self._services.create(service, at, is_seeded=True)
            self._clusters.advance(self._clock.now())

    def service(self, cluster: str, name: str) -> Service | None:
        """Return a service as it stands now, or None where there is none."""
        with self._lock:
            self._clusters.advance(self._clock.now())
            try:
                return self._clusters.service(cluster, name)
            except ApiError:
                return None

    def digest(self, image: str) -> str:
        """Return the digest that an image's tag stands for."""
        return image_digest(self._surroundings, image)

    def now(self) -> dt.datetime:
        """Return the sandbox's time."""
        return self._clock.now()

    def _operations(self) -> dict[str, _Answer]:
        definitions, clusters, services = self._definitions, self._clusters, self._services
        tasks = RunningTasks(clusters, self._place)
        deployments = ServiceDeployments(clusters)
        return {
            "ContinueServiceDeployment": deployments.go_on,
            "CreateCluster": clusters.create,
            "CreateService": services.create,
            "DeleteService": services.delete,
            "DeregisterTaskDefinition": definitions.deregister,
            "DescribeClusters": clusters.describe,
            "DescribeServiceDeployments": deployments.describe,
            "DescribeServiceRevisions": deployments.describe_revisions,
            "DescribeServices": services.describe,
            "DescribeTaskDefinition": definitions.describe,
            "DescribeTasks": tasks.describe,
            "ListClusters": clusters.list_all,
            "ListServiceDeployments": deployments.list_all,
            "ListServices": services.list_all,
            "ListTaskDefinitionFamilies": definitions.list_families,
            "ListTaskDefinitions": definitions.list_all,
            "ListTasks": tasks.list_all,
            "RegisterTaskDefinition": definitions.register,
            "RunTask": RunTask(clusters, self._surroundings).run,
            "StopServiceDeployment": deployments.stop,
            "StopTask": tasks.stop,
            "UpdateService": services.update,
        }
